"""WP111: a loop that does nothing but append."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule, Refused
from whetstone_knowledge.syntax.surroundings import assigned, holds, is_short, may_be_caught, previous_statement
from whetstone_knowledge.syntax.walk import CLOSURES, PAUSES, bare, contains, header, is_name, names, statements
from whetstone_knowledge.trees import below
from whetstone_knowledge.triggers import GAP, NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from tree_sitter import Node

    from whetstone_knowledge.rewriting import Scene, Statement
    from whetstone_knowledge.syntax.match import Match

TARGETS = frozenset({"identifier", "pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern"})
LOOKING_AROUND = frozenset({b"super", b"__class__", b"locals", b"vars", b"dir", b"eval", b"exec"})
"""Names whose meaning depends on the scope they stand in; a comprehension is a scope of its own before Python 3.12."""

LONGEST_LINE = 72
"""A comprehension longer than this is written on several lines: with a name and some indentation it fills a line."""


class CopyLoop(PythonRule):
    """Appends items to a list one by one, and does nothing else.

    `list(items)` and `extend(items)` copy in one go what the loop looks up, calls and appends item by item. Where each
    item is worked on first, a comprehension saves the lookup and the call of `append`; that gain is small, and for two
    or three items it may be none, which is why only a proof decides. The rule never suggests `extend` with a generator:
    it is slower than the loop.

    It is quiet over a few constant items, when the loop variable is used after the loop, when the list is looked at
    while it grows, inside a `try` or `with` (a list half filled could be seen afterwards), with `yield`, `await` or a
    closure in the loop, with an `else`, and when the list is not a new one of this function's or not known to be a
    list.
    """

    code = "WP111"
    title = "Build the list in one go"
    message = "This loop only appends to `{list}`; the list can be built in one go"
    severity = "medium"
    weight = 30
    query = """
        (for_statement
          left: (_) @target
          body: (block (expression_statement (call
            function: (attribute object: (identifier) @list attribute: (identifier) @append)
            arguments: (argument_list . (_) @value .)) @here))) @loop
        (for_statement
          left: (_) @target
          body: (block (if_statement
            condition: (_) @test
            consequence: (block (expression_statement (call
              function: (attribute object: (identifier) @list attribute: (identifier) @append)
              arguments: (argument_list . (_) @value .)) @here))) @if)) @loop
    """
    literals = (".append(",)
    needs_loop = True
    trigger = rf":{GAP}{NAME}{GAP}\.append(\()"
    before = """
        def snapshot(readings):
            kept = []
            for reading in readings:
                kept.append(reading)
            return kept
    """
    after = """
        def snapshot(readings):
            kept = list(readings)
            return kept
    """
    more = (
        (
            """
            def labels(products, minimum):
                # what goes on the shelf
                found: list[str] = []
                for name, price in products:
                    if price >= minimum:
                        found.append(name.title())
                return found
            """,
            """
            def labels(products, minimum):
                # what goes on the shelf
                found: list[str] = [name.title() for name, price in products if price >= minimum]
                return found
            """,
        ),
        (
            """
            def squares(numbers):
                found = list()
                for number in numbers:
                    found.append(number * number)
                for number in numbers:
                    print(number)
                return found
            """,
            """
            def squares(numbers):
                found = [number * number for number in numbers]
                for number in numbers:
                    print(number)
                return found
            """,
        ),
        (
            """
            def open_invoices(customers, today):
                if customers:
                    found = []
                    for customer in customers:
                        if customer.invoice is not None and customer.invoice.due < today:
                            found.append(customer.invoice)
                    return found
            """,
            """
            def open_invoices(customers, today):
                if customers:
                    found = [
                        customer.invoice
                        for customer in customers
                        if customer.invoice is not None and customer.invoice.due < today
                    ]
                    return found
            """,
        ),
        (
            # Brackets and line breaks stay as they were written.
            """
            def corners(width, height, edges):
                found = []
                for x, y in (width, height), *edges:
                    found.append((
                        x,  y,
                    ))
                return found
            """,
            """
            def corners(width, height, edges):
                found = [(
                    x,  y,
                ) for x, y in ((width, height), *edges)]
                return found
            """,
        ),
        (
            """
            def path(start, steps):
                found = [start]

                # then the others
                for step in steps:
                    found.append(step)
                return found
            """,
            """
            def path(start, steps):
                found = [start]

                # then the others
                found.extend(steps)
                return found
            """,
        ),
    )
    quiet = (
        # more than appending
        """
        def f(xs):
            out = []
            for x in xs:
                print(x)
                out.append(x)
            return out
        """,
        """
        def f(xs):
            out = []
            for x in xs:
                if x:
                    out.append(x)
                else:
                    g(x)
            return out
        """,
        """
        def f(xs):
            out = []
            for x in xs:
                out.append(x)
            else:
                g(out)
            return out
        """,
        """
        def f(xs):
            out = []
            for x in xs:
                out.add(x)
            return out
        """,
        """
        def f(xs):
            out = []
            for x in xs:
                out.append(x, 1)
            return out
        """,
        # a few rounds: the loop is as fast
        """
        def f(g):
            out = []
            for x in range(3):
                out.append(g(x))
            return out
        """,
        # the loop variable is used afterwards
        """
        def f(xs):
            out = []
            for x in xs:
                out.append(x)
            return out, x
        """,
        """
        def f(xs, x):
            out = []
            for x in xs:
                out.append(x)
            return out
        """,
        """
        def f(xs):
            global x
            out = []
            for x in xs:
                out.append(x)
            return out
        """,
        """
        def f(xs):
            out = []
            for x in xs:
                out.append(x)
            del x
            return out
        """,
        """
        def f(xss):
            for xs in xss:
                x = 0
                print(x)
                out = []
                for x in xs:
                    out.append(x)
        """,
        # the list is looked at while it grows
        """
        def f(xs):
            out = []
            for x in xs:
                if x not in out:
                    out.append(x)
            return out
        """,
        """
        def f(xs):
            out = []
            for x in xs:
                out.append(len(out))
            return out
        """,
        """
        def f(xs):
            out = [1]
            for x in out:
                out.append(x)
            return out
        """,
        """
        def f(xs):
            def g(x):
                return x, len(out)
            out = []
            for x in xs:
                out.append(g(x))
            return out
        """,
        # a list half filled can be seen
        """
        def f(xs):
            try:
                out = []
                for x in xs:
                    out.append(g(x))
            except E:
                pass
            return out
        """,
        """
        def f(xs):
            global out
            out = []
            for x in xs:
                out.append(g(x))
        """,
        # not known to be a list, or not a new one
        """
        def f(xs, out):
            for x in xs:
                out.append(x)
            return out
        """,
        """
        def f(xs):
            out = deque()
            for x in xs:
                out.append(x)
            return out
        """,
        """
        def f(xs):
            out = []
            g(out)
            for x in xs:
                out.append(x + 1)
            return out
        """,
        """
        def f(xs):
            out = other = []
            for x in xs:
                out.append(x + 1)
            return out
        """,
        """
        def f(self, xs):
            self.out = []
            for x in xs:
                self.out.append(x)
        """,
        # slower with a generator
        """
        def f(xs):
            out = [0]
            for x in xs:
                out.append(x + 1)
            return out
        """,
        """
        def f(xs):
            out = [0]
            for x in xs:
                if x:
                    out.append(x)
            return out
        """,
        """
        def f(xs):
            out = [0]
            for x in (y + 1 for y in xs):
                out.append(x)
            return out
        """,
        # others run in between, or later
        """
        def f(xs):
            out = []
            for x in xs:
                out.append((yield x))
            return out
        """,
        """
        async def f(xs):
            out = []
            for x in xs:
                out.append(await x)
            return out
        """,
        """
        async def f(xs):
            out = []
            async for x in xs:
                out.append(x)
            return out
        """,
        """
        def f(xs):
            out = []
            for x in xs:
                out.append(lambda: x)
            return out
        """,
        """
        class C:
            def f(self, xs):
                out = []
                for x in xs:
                    out.append(super().g(x))
                return out
        """,
        """
        def f(xs):
            class C:
                out = []
                for x in xs:
                    out.append(x)
            return C
        """,
        # targets that are no plain names
        """
        def f(xs, a):
            out = []
            for a.x in xs:
                out.append(a.x)
            return out
        """,
        """
        def f(xs):
            out = []
            for x in xs:
                out.append(*x)
            return out
        """,
        """
        def f(xs):
            out = []
            for x in xs:
                out.append((x := x + 1))
            return out
        """,
    )
    sample = """
        args = (list(range(1000)),)
    """
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 4.66, "3.12": 4.78, "3.13": 4.71}

    def applies(self, match: Match) -> bool:
        """Speak of a loop that only appends to a list nobody else can see, with variables nobody reads afterwards."""
        if match.text("append") != "append" or match.function is None or not _only_appends(match):
            return False
        loop, name = match.node("loop"), match.text("list")
        if is_short(loop) or not _has_plain_values(match) or name.encode() in _read(match) or _may_be_seen(match, name):
            return False
        variables = {each.text or b"" for each in below(match.node("target")) if each.type == "identifier"}
        if not all(_is_left_alone(match, variable.decode(), loop) for variable in variables):
            return False
        match.also("over", header(loop))
        start = _new_list_above(match)
        if start is not None:
            match.also("start", start)
            return True
        plain = not match.has("test") and match.text("value") == match.text("target")
        return plain and match.facts.kind(name) == "list" and header(loop).type != "generator_expression"

    def mend(self, scene: Scene) -> None:
        """Give the new list its items where it is made; or, if it has some already, extend it."""
        items = scene.at("over", cst.BaseExpression)
        loop = scene.statement(items)
        _refuse_comments(loop)
        plain = not scene.has("test") and scene.code(scene.at("value", cst.BaseExpression)) == _target(scene)
        if not scene.has("start"):
            name = scene.code(scene.at("list", cst.Name))
            scene.replace_statement(loop, scene.parse(f"{name}.extend({scene.code(_bare(items))})\n"))
            return
        scene.replace(
            scene.at("start", cst.BaseExpression),
            scene.expression(
                f"{scene.builtin('list')}({scene.code(_bare(items))})" if plain else _comprehension(scene, items)
            ),
        )
        scene.remove(loop)


def _only_appends(match: Match) -> bool:
    """Whether the loop is a plain one whose only statement is the call of `append`, or an `if` with only that."""
    loop = match.node("loop")
    if loop.child_by_field_name("alternative") is not None or any(child.type == "async" for child in loop.children):
        return False
    if match.has("if"):
        condition = match.node("if")
        inner = condition.child_by_field_name("consequence")
        if condition.child_by_field_name("alternative") is not None or inner is None or len(statements(inner)) != 1:
            return False
    body = loop.child_by_field_name("body")
    return body is not None and len(statements(body)) == 1 and match.loops[:1] == (loop,)


def _has_plain_values(match: Match) -> bool:
    """Whether the loop has plain targets, and nothing in it stops, runs later or depends on the scope it is in."""
    loop, value = match.node("loop"), match.node("value")
    targets = [each.type for each in below(match.node("target"))]
    if not TARGETS.issuperset(targets) or value.type in {"list_splat", "dictionary_splat", "keyword_argument"}:
        return False
    if contains(loop, CLOSURES, PAUSES, frozenset({"named_expression"})):
        return False
    return not _read(match) & LOOKING_AROUND


def _read(match: Match) -> AbstractSet[bytes]:
    """Return the names in what the loop runs over, asks and appends."""
    parts = [header(match.node("loop")), match.node("value"), *match.nodes("test")]
    return {name for part in parts for name in names(part)} | {
        each.text or b"" for each in below(*parts) if is_name(each)
    }


def _may_be_seen(match: Match, name: str) -> bool:
    """Whether something else can look at the list while it is filled, or after that went wrong."""
    if not match.facts.is_local(name) or may_be_caught(match, match.node("loop")):
        return True
    function = match.function
    closures = [node for node in below(function) if node.type in CLOSURES and node != function] if function else []
    return any(match.facts.uses(name, closure) for closure in closures)


def _is_left_alone(match: Match, variable: str, loop: Node) -> bool:
    """Whether a loop variable is a local name that is read nowhere but in this loop, and in loops that set it first."""
    facts = match.facts
    if not facts.is_local(variable) or facts.is_parameter(variable):
        return False
    outside = [binding for binding in facts.bindings(variable) if not holds(loop, binding)]
    if any(_is_deleted(binding) for binding in outside):
        return False
    return all(
        holds(loop, use) or any(holds(owner, use) for owner in _other_owners(outside)) for use in facts.uses(variable)
    )


def _other_owners(bindings: list[Node]) -> list[Node]:
    """Return the bodies of the other loops that set a variable before anything in them reads it."""
    owners = []
    for binding in bindings:
        node: Node | None = binding
        while node is not None and node.type in TARGETS:
            node = node.parent
        if node is not None and node.type == "for_statement":
            body = node.child_by_field_name("body")
            owners += [body] if body is not None else []
    return owners


def _is_deleted(binding: Node) -> bool:
    node: Node | None = binding
    while node is not None and node.type in {"identifier", "expression_list", "tuple", "parenthesized_expression"}:
        node = node.parent
    return node is not None and node.type == "delete_statement"


def _new_list_above(match: Match) -> Node | None:
    """Return the `[]` or `list()` that the statement just above the loop gives the list; `None` when there is none."""
    assignment = assigned(previous_statement(match.node("loop")), match.text("list"))
    right = assignment.child_by_field_name("right") if assignment is not None else None
    if right is None:
        return None
    right = bare(right)
    empty = right.type == "list" and not right.named_child_count
    called = match.text(right) == "list()" and match.facts.is_builtin("list")
    return right if empty or called else None


def _refuse_comments(loop: Statement) -> None:
    """Raise `Refused` when a comment stands inside the loop, where it would be lost."""
    if _holds_comment(cst.ensure_type(loop, cst.For).with_changes(leading_lines=())):
        raise Refused("a comment belongs to a line that the rewrite would remove")


def _holds_comment(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Comment) or any(map(_holds_comment, node.children))


def _target(scene: Scene) -> str:
    return scene.code(scene.at("target", cst.BaseExpression))


def _bare(items: cst.BaseExpression) -> cst.BaseExpression:
    """Return `a, b` in brackets, which it can do without in a loop's header but not in a call."""
    if isinstance(items, cst.Tuple) and not items.lpar:
        return items.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return items


def _comprehension(scene: Scene, items: cst.BaseExpression) -> str:
    """Return the source of a comprehension that makes the items in the loop's order, on several lines if it is long."""
    value = scene.code(scene.at("value", cst.BaseExpression))
    over = _bare(items)
    if isinstance(over, cst.IfExp | cst.Lambda) and not over.lpar:
        over = over.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    parts = [value, f"for {_target(scene)} in {scene.code(over)}"]
    if scene.has("test"):
        test = scene.at("test", cst.BaseExpression)
        bracketed = isinstance(test, cst.IfExp) and not test.lpar
        parts.append(f"if ({scene.code(test)})" if bracketed else f"if {scene.code(test)}")
    line = " ".join(parts)
    if "\n" in line or len(line) <= LONGEST_LINE:
        return f"[{line}]"
    return "".join(("[\n", *(f"    {part}\n" for part in parts), "]"))
