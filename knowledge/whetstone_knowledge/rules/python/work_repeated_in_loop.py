"""WP108: a call that gives the same answer on every pass of a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule
from whetstone_knowledge.syntax.steady import steady
from whetstone_knowledge.syntax.surroundings import is_short
from whetstone_knowledge.syntax.walk import contains, header, statements
from whetstone_knowledge.trees import below
from whetstone_knowledge.triggers import GAP, NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.match import Match

BUILTINS = {
    "frozenset": "members",
    "max": "largest",
    "min": "smallest",
    "set": "members",
    "sorted": "ordered",
    "sum": "total",
}
"""Built-ins whose cost grows with their argument, and what to call their answer."""

METHODS = {"casefold": "folded", "lower": "lowered", "split": "words", "splitlines": "lines", "upper": "uppered"}
"""The same for methods of `str` that take no argument here; none of them can raise."""

MUTABLE = frozenset({"set", "sorted", "split", "splitlines"})
"""Those whose answer could be changed by whoever gets it."""

READERS = frozenset({"all", "any", "enumerate", "frozenset", "join", "len", "max", "min", "sum", "tuple"})
"""Functions that leave such an answer as it is, and do not hand it on."""

EXITS = frozenset({"break_statement", "continue_statement", "return_statement", "raise_statement"})
PASSES = frozenset(
    {
        "argument_list", "assignment", "attribute", "augmented_assignment", "binary_operator", "call", "dictionary",
        "expression_list", "expression_statement", "interpolation", "keyword_argument", "list", "not_operator", "pair",
        "parenthesized_expression", "string", "subscript", "tuple", "unary_operator",
    }
)  # fmt: skip
"""Nodes that always evaluate every expression in them."""


class WorkRepeatedInLoop(PythonRule):
    """Works out the same answer on every pass of a loop.

    `sum(values)` reads all values, and inside a loop it reads them all again on every pass, although nothing in the
    loop changes them: the cost grows with the product of the two sizes. Worked out before the loop it costs once.

    The rule speaks of built-ins whose cost grows with their argument (`sum`, `max`, `min`, `sorted`, `set`,
    `frozenset`) and of a few methods of `str`, when every pass is sure to make the call. It is quiet when the loop has
    only a few rounds, when the argument may change in it, when the answer could be changed or kept by whoever gets it,
    when the loop yields or awaits, and for `max` and `min` when the loop runs over something else (an empty argument
    would raise in a loop that never ran).

    Left to the proof: a parameter that is an iterator, or that others change meanwhile; and `sum`, `sorted` or `set` of
    things they do not take, which would raise before a loop that never ran.
    """

    code = "WP108"
    title = "Work it out once, before the loop"
    message = "`{here}` gives the same answer on every pass of the loop; work it out once before"
    severity = "high"
    weight = 55
    query = """
        (call function: (identifier) @function arguments: (argument_list . (identifier) @argument .)) @here
        (call
          function: (attribute object: (identifier) @argument attribute: (identifier) @method)
          arguments: (argument_list . "(" . ")" .)) @here
    """
    literals = (*(f"{name}(" for name in BUILTINS), *(f".{name}(" for name in METHODS))
    needs_loop = True
    trigger = "|".join(
        (
            *(rf"{name}\({GAP}{NAME}{GAP},?{GAP}(\))" for name in BUILTINS),
            *(rf"\.{name}\({GAP}(\))" for name in METHODS),
        )
    )
    before = """
        def shares(amounts):
            parts = []
            for amount in amounts:
                parts.append(round(amount / sum(amounts), 3))
            return parts
    """
    after = """
        def shares(amounts):
            parts = []
            total = sum(amounts)
            for amount in amounts:
                parts.append(round(amount / total, 3))
            return parts
    """
    more = (
        (
            """
            def bars(heights):
                for height in heights:
                    print("#" * (height * 40 // max(heights)))
            """,
            """
            def bars(heights):
                largest = max(heights, default=None)
                for height in heights:
                    print("#" * (height * 40 // largest))
            """,
        ),
        (
            """
            def known(words, allowed: list[str]):
                count = 0
                for word in words:
                    if word in set(allowed):
                        count += 1
                return count
            """,
            """
            def known(words, allowed: list[str]):
                count = 0
                members = set(allowed)
                for word in words:
                    if word in members:
                        count += 1
                return count
            """,
        ),
        (
            """
            def positions(text: str, letters):
                # one after the other
                for letter in letters:
                    print(text.lower().find(letter))
            """,
            """
            def positions(text: str, letters):
                lowered = text.lower()
                # one after the other
                for letter in letters:
                    print(lowered.find(letter))
            """,
        ),
        (
            """
            def fill(total, sizes: list[int]):
                while total < sum(sizes):
                    total += 7
                return total
            """,
            """
            def fill(total, sizes: list[int]):
                total_2 = sum(sizes)
                while total < total_2:
                    total += 7
                return total
            """,
        ),
    )
    quiet = (
        # once is enough already
        """
        def f(xs):
            return sum(xs)
        """,
        """
        def f(xs):
            for x in sorted(xs):
                print(x)
        """,
        # a few rounds
        """
        def f(xs: list[int]):
            for y in range(3):
                print(sum(xs))
        """,
        # what is read changes in the loop
        """
        def f(xs, ys):
            for y in ys:
                xs.append(y)
                print(sum(xs))
        """,
        """
        def f(xs, ys):
            for y in ys:
                xs[0] = y
                print(sum(xs))
        """,
        """
        def f(xs, ys):
            for y in ys:
                xs = [y]
                print(sum(xs))
        """,
        """
        def f(xs, ys):
            for y in ys:
                change(xs)
                print(sum(xs))
        """,
        """
        def f(rows):
            for row in rows:
                print(sum(row))
        """,
        """
        def f(ys):
            xs = []
            keep(xs)
            for y in ys:
                print(sum(xs), step(y))
        """,
        """
        def f(xs):
            for x in xs:
                x.size = sum(xs)
        """,
        """
        def f(xs):
            for x in xs:
                x[0] = sum(xs)
        """,
        """
        def f(xs):
            while sum(xs) < 10:
                xs.append(1)
        """,
        # not on every pass
        """
        def f(xs, ys):
            for y in ys:
                if y:
                    print(sum(xs))
        """,
        """
        def f(xs, ys):
            for y in ys:
                if not y:
                    continue
                print(sum(xs))
        """,
        """
        def f(xs, ys):
            for y in ys:
                print(y and sum(xs))
        """,
        """
        def f(xs, ys):
            for y in ys:
                print(sum(xs) if y else 0)
        """,
        """
        def f(xs, ys):
            for y in ys:
                print(sum(xs))
                break
        """,
        """
        def f(xs, ys):
            for y in ys:
                yield lambda: sum(xs)
        """,
        """
        def f(xs, ys):
            for y in ys:
                print([sum(xs) for z in y])
        """,
        # others run in between
        """
        def f(xs, ys):
            for y in ys:
                yield sum(xs)
        """,
        """
        async def f(xs, ys):
            for y in ys:
                await y(1)
                print(sum(xs))
        """,
        # an empty argument of a loop that never runs
        """
        def f(xs, ys):
            for y in ys:
                print(max(xs))
        """,
        # every pass needs an answer of its own
        """
        def f(xs, ys):
            for y in ys:
                y.append(sorted(xs))
        """,
        """
        def f(xs, ys):
            for y in ys:
                mine = sorted(xs)
                mine.append(y)
        """,
        """
        def f(xs, ys):
            for y in ys:
                sorted(xs)[0] = y
        """,
        # cheap, or not known
        """
        def f(xs, ys):
            for y in ys:
                print(len(xs))
        """,
        """
        def f(xs, ys):
            for y in ys:
                print(count(xs))
        """,
        """
        def f(text, ys):
            for y in ys:
                print(text.lower())
        """,
        """
        def sum(xs):
            return 1
        def f(xs, ys):
            for y in ys:
                print(sum(xs))
        """,
        """
        def f(xs, ys, sum):
            for y in ys:
                print(sum(xs))
        """,
        # a name from elsewhere
        """
        xs = [1]
        def f(ys):
            for y in ys:
                print(sum(xs))
        """,
    )
    sample = """
        args = ([float(n % 97 + 1) for n in range(400)],)
    """
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 5.7, "3.12": 8.53, "3.13": 11.78}

    def applies(self, match: Match) -> bool:
        """Speak of a known call of a name that the innermost loop leaves alone, made on every pass."""
        if _called(match) not in (METHODS if match.has("method") else BUILTINS):
            return False
        if not match.loops or match.function is None or not _known(match):
            return False
        loop = match.loops[0]
        if is_short(loop) or not steady(match.facts, match.text("argument"), loop) or not _every_pass(match, loop):
            return False
        function = _called(match)
        if function in {"max", "min"} and not _over_argument(match, loop):
            return False
        if function in MUTABLE and not _only_looked_at(match):
            return False
        match.also("loop", header(loop))
        return True

    def mend(self, scene: Scene) -> None:
        """Name the answer before the innermost loop, and use the name."""
        call = scene.at("here", cst.Call)
        loop = scene.statement(scene.at("loop", cst.BaseExpression))
        function = (
            call.func.value if isinstance(call.func, cst.Name) else cst.ensure_type(call.func, cst.Attribute).attr.value
        )
        name = scene.fresh((BUILTINS | METHODS)[function])
        source = scene.code(call)
        if function in {"max", "min"} and isinstance(loop, cst.For):
            # The loop runs over the same things: when there are none, nobody will look at the answer.
            source = f"{function}({scene.code(call.args[0].value)}, default=None)"
        scene.insert_before(loop, scene.parse(f"{name} = {source}\n"))
        scene.replace(call, cst.Name(name))


def _called(match: Match) -> str:
    return match.text("function" if match.has("function") else "method")


def _known(match: Match) -> bool:
    """Whether the name called is still the built-in, or the method is called of what is proven to be a string."""
    if match.has("method"):
        return match.facts.kind(match.text("argument")) == "str"
    return match.facts.is_builtin(match.text("function"))


def _every_pass(match: Match, loop: Node) -> bool:
    """Whether each pass of `loop` is sure to make the call, with nobody else running in between."""
    body = loop.child_by_field_name("body")
    if body is None or contains(loop, frozenset({"yield", "await"})) or _changes_items(loop):
        return False
    if any(statement.type in EXITS for statement in statements(body)):
        return False
    path = [*match.ancestors, match.here]
    start = next(depth for depth, node in enumerate(path) if node == loop)
    return all(_evaluates(path[depth], path[depth + 1]) for depth in range(start + 1, len(path) - 1))


def _evaluates(node: Node, part: Node) -> bool:
    """Whether running `node` is sure to evaluate `part`, one of its children."""
    if node.type == "block":
        earlier = [statement for statement in statements(node) if statement.end_byte <= part.start_byte]
        return not any(contains(statement, EXITS) for statement in earlier)
    if node.type == "comparison_operator":
        return part in node.named_children[:2]
    if node.type in {"boolean_operator", "for_statement", "if_statement"}:
        field = {"boolean_operator": "left", "for_statement": "right", "if_statement": "condition"}[node.type]
        return part == node.child_by_field_name(field)
    return node.type in PASSES


def _changes_items(loop: Node) -> bool:
    """Whether the loop assigns to an attribute, or to an item of what it runs over: the argument may hold that."""
    left = loop.child_by_field_name("left")
    targets = {each.text for each in below(left)} if left is not None else set()
    for node in below(loop):
        if node.type not in {"assignment", "augmented_assignment", "delete_statement"}:
            continue
        target = node.child_by_field_name("left") or node
        for each in below(target):
            if each.type == "attribute":
                return True
            value = each.child_by_field_name("value") if each.type == "subscript" else None
            if value is not None and (value.type != "identifier" or value.text in targets):
                return True
    return False


def _over_argument(match: Match, loop: Node) -> bool:
    """Whether the loop makes no pass when the argument is empty, or looks at it before its first."""
    name = match.text("argument")
    if loop.type == "while_statement":
        return match.here.end_byte <= header(loop).end_byte
    over = "".join(match.text(header(loop)).split())
    return over in {name, f"enumerate({name})", f"range(len({name}))"}


def _only_looked_at(match: Match) -> bool:
    """Whether the answer is used in a way that neither changes it nor lets anybody keep it."""
    parent, around = match.ancestors[-1], match.ancestors[-2]
    match parent.type:
        case "comparison_operator":
            return True
        case "binary_operator":
            return _called(match) == "set"
        case "for_statement" | "for_in_clause":
            return True
        case "subscript":
            read = {"argument_list", "binary_operator", "comparison_operator", "return_statement"}
            assigned = around.type == "assignment" and around.child_by_field_name("right") == parent
            return parent.child_by_field_name("value") == match.here and (around.type in read or assigned)
        case "argument_list":
            function = around.child_by_field_name("function")
            name = function.child_by_field_name("attribute") if function and function.type == "attribute" else function
            return name is not None and match.text(name) in READERS
    return False
