"""WP112: the sum of a growing or shrinking slice, added up afresh for every end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule, Refused
from whetstone_knowledge.syntax.scopes import COMPREHENSIONS
from whetstone_knowledge.syntax.steady import steady
from whetstone_knowledge.syntax.walk import PAUSES, contains, header, names
from whetstone_knowledge.trees import below
from whetstone_knowledge.triggers import GAP, NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.match import Match

WHOLE = re.compile(r"(?:list|List|tuple|Tuple|Sequence)\[(?:int|bool)(?:,\.\.\.)?\]")
"""Annotations that say that adding up is exact, so that the end of a list is the whole without its beginning."""


class PrefixSumRepeated(PythonRule):
    """Adds up the beginning of a list again for every position in it.

    `sum(values[:i])` for each `i` copies and adds 1, 2, 3, … items: half the square of the length. Running totals, from
    `itertools.accumulate`, are the same sums for the cost of one; each is then looked up by its position.

    The rule speaks when the position comes from `range(len(values))`, one of its variants or `enumerate(values)`, and
    so is never negative and never past the end, and when nothing in the loop changes the list or the position. For
    `sum(values[i:])` it speaks only of lists annotated as whole numbers, where the rest is the whole minus the
    beginning.

    Left to the proof: floats (up to Python 3.11 `sum` adds them one after the other, as `accumulate` does; from 3.12 on
    it corrects for rounding, and the last digits may differ), a parameter that is no list, and an item that cannot be
    added and that the loop never reaches.
    """

    code = "WP112"
    title = "Keep running totals"
    message = "`{here}` adds up the same items again for every `{index}`; running totals do it once"
    severity = "high"
    weight = 65
    query = """
        (call
          function: (identifier) @function
          arguments: (argument_list . (subscript value: (identifier) @values subscript: (slice) @slice) .)) @here
    """
    literals = ("sum(",)
    trigger = rf"sum\({GAP}{NAME}{GAP}(\[)"
    before = """
        def balances(changes: list[int]):
            found = []
            for i in range(len(changes)):
                found.append(sum(changes[:i + 1]))
            return found
    """
    after = """
        from itertools import accumulate


        def balances(changes: list[int]):
            found = []
            totals = list(accumulate(changes, initial=0))
            for i in range(len(changes)):
                found.append(totals[i + 1])
            return found
    """
    more = (
        (
            """
            import itertools


            def shares(amounts):
                # what came before, as a part of the whole
                return [sum(amounts[0:i]) / amount for i, amount in enumerate(amounts)]
            """,
            """
            import itertools


            def shares(amounts):
                totals = list(itertools.accumulate(amounts, initial=0))
                # what came before, as a part of the whole
                return [totals[i] / amount for i, amount in enumerate(amounts)]
            """,
        ),
        (
            """
            def balance_point(weights: list[int]):
                for i in range(1, len(weights)):
                    if sum(weights[i:]) < 10:
                        return i
                return None
            """,
            """
            from itertools import accumulate


            def balance_point(weights: list[int]):
                totals = list(accumulate(weights, initial=0))
                for i in range(1, len(weights)):
                    if totals[-1] - totals[i] < 10:
                        return i
                return None
            """,
        ),
    )
    quiet = (
        # once
        """
        def f(xs, i):
            return sum(xs[:i])
        """,
        """
        def f(xs, n):
            for i in range(len(xs)):
                print(sum(xs[:n]))
        """,
        # positions that may lie outside
        """
        def f(xs, n):
            for i in range(n):
                print(sum(xs[:i]))
        """,
        """
        def f(xs, n):
            for i in n:
                print(sum(xs[:i]))
        """,
        """
        def f(xs):
            for i in range(-1, len(xs)):
                print(sum(xs[:i]))
        """,
        """
        def f(xs):
            for i in range(len(xs) + 1):
                print(sum(xs[:i + 1]))
        """,
        """
        def f(xs):
            for i in range(len(xs) + 2):
                print(sum(xs[:i]))
        """,
        """
        def f(xs):
            for i in range(len(xs)):
                print(sum(xs[:i - 1]))
        """,
        """
        def f(xs):
            for i in range(len(xs)):
                print(sum(xs[:i + 2]))
        """,
        """
        def f(xs, ys):
            for i in range(len(ys)):
                print(sum(xs[:i]))
        """,
        """
        def f(xs):
            for i, x in enumerate(xs, 1):
                print(sum(xs[:i]))
        """,
        """
        def f(xs):
            for i in range(len(xs)):
                i -= 2
                print(sum(xs[:i]))
        """,
        # other slices, and other functions
        """
        def f(xs):
            for i in range(len(xs)):
                print(sum(xs[i:i + 3]))
        """,
        """
        def f(xs):
            for i in range(len(xs)):
                print(sum(xs[:i:2]))
        """,
        """
        def f(xs):
            for i in range(len(xs)):
                print(sum(xs[:]))
        """,
        """
        def f(xs):
            for i in range(len(xs)):
                print(max(xs[:i]))
        """,
        """
        def f(xs):
            for i in range(len(xs)):
                print(sum(xs[:i], 1))
        """,
        """
        def f(xs, sum):
            for i in range(len(xs)):
                print(sum(xs[:i]))
        """,
        """
        def f(xs, range):
            for i in range(len(xs)):
                print(sum(xs[:i]))
        """,
        # rounding would differ
        """
        def f(xs):
            for i in range(len(xs)):
                print(sum(xs[i:]))
        """,
        """
        def f(xs: list[float]):
            for i in range(len(xs)):
                print(sum(xs[i:]))
        """,
        # the list changes
        """
        def f(xs):
            for i in range(len(xs)):
                xs[i] = sum(xs[:i])
        """,
        """
        def f(xs):
            for i in range(len(xs)):
                xs.append(sum(xs[:i]))
        """,
        """
        def f(xss):
            for xs in xss:
                pass
            return [sum(xs[:i]) for xs in xss for i in range(len(xs))]
        """,
        """
        def f(xs):
            for i in range(len(xs)):
                yield sum(xs[:i])
        """,
        # another list of the same name
        """
        def f(xs, xss):
            for i in range(len(xs)):
                print([sum(xs[:i]) for xs in xss])
        """,
        # not sure to be reached
        """
        def f(xs):
            return xs and [sum(xs[:i]) for i in range(len(xs))]
        """,
        """
        def f(xs):
            return lambda: [sum(xs[:i]) for i in range(len(xs))]
        """,
        """
        def f(xs):
            return (sum(xs[:i]) for i in range(len(xs)))
        """,
        """
        def f(xs):
            while [sum(xs[:i]) for i in range(len(xs))]:
                pass
        """,
        """
        def f(xs):
            if xs:
                pass
            elif [sum(xs[:i]) for i in range(len(xs))]:
                pass
        """,
    )
    sample = """
        args = ([n * 37 % 101 - 50 for n in range(300)],)
    """
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 21.04, "3.12": 19.85, "3.13": 20.64}

    def applies(self, match: Match) -> bool:
        """Speak of a sum from the first item, or to the last, over a position that stays in the list."""
        if match.text("function") != "sum" or match.function is None or not match.facts.is_builtin("sum"):
            return False
        ends = _ends(match)
        values = match.text("values")
        if ends is None or not _is_exact(match, ends) or match.facts.occurrence_at(match.node("values")) is None:
            return False
        index, beyond = ends[1], ends[2]
        loop = next(_loops_over(match, index), None)
        if loop is None or contains(loop, PAUSES) or not _stays_in(match, loop, index, values, beyond):
            return False
        scope = _scope(match, loop)
        if scope is None or not steady(match.facts, values, scope):
            return False
        match.also("index", _identifier(match.node("slice"), index))
        match.also("over", header(loop))
        return True

    def mend(self, scene: Scene) -> None:
        """Keep running totals before the loop, and look the sum up in them."""
        call, values = scene.at("here", cst.Call), scene.at("values", cst.Name)
        place = scene.statement(scene.at("over", cst.BaseExpression))
        edges = cst.ensure_type(cst.ensure_type(call.args[0].value, cst.Subscript).slice[0].slice, cst.Slice)
        totals = scene.fresh("totals")
        accumulate = scene.need("itertools", "accumulate")
        source = f"{totals} = {scene.builtin('list')}({accumulate}({values.value}, initial=0))\n"
        scene.insert_before(place, scene.parse(source))
        if edges.upper is not None:
            scene.replace(call, scene.expression(f"{totals}[{scene.code(edges.upper)}]"))
        elif edges.lower is not None:
            rest = f"{totals}[-1] - {totals}[{scene.code(edges.lower)}]"
            scene.replace(call, scene.expression(f"({rest})" if _binds_tighter(scene, call) else rest))
        else:
            raise Refused("this slice has neither a beginning nor an end")


def _ends(match: Match) -> tuple[str, str, int] | None:
    """Return which end of the slice is given (`:i` or `i:`), the position's name and what is added to it: 0 or 1."""
    text = "".join(match.text("slice").split())
    found = re.fullmatch(r"(?P<open>(?:0?:)?)(?P<index>[^\W\d]\w*)(?P<more>\+1)?(?P<shut>:?)", text)
    if found is None or found["open"] == found["shut"]:
        return None
    return ":i" if found["open"] else "i:", found["index"], 1 if found["more"] else 0


def _is_exact(match: Match, ends: tuple[str, str, int]) -> bool:
    """Whether the sum is one of the running totals, or a difference of two that is exact."""
    annotation = match.facts.annotation(match.text("values")) or ""
    return ends[0] == ":i" or WHOLE.fullmatch("".join(annotation.split())) is not None


def _loops_over(match: Match, index: str) -> Iterator[Node]:
    """Yield the innermost loop or comprehension around the sum whose variable is `index`."""
    for depth in range(len(match.ancestors) - 1, -1, -1):
        node = match.ancestors[depth]
        if node.type in {"function_definition", "lambda"}:
            return
        clause = node
        if node.type in COMPREHENSIONS:
            clauses = [child for child in node.named_children if child.type in {"for_in_clause", "if_clause"}]
            if len(clauses) != 1:
                return
            clause = clauses[0]
        elif node.type != "for_statement" or node not in match.loops:
            continue
        left = clause.child_by_field_name("left")
        if left is not None and index.encode() in {each.text for each in below(left)}:
            yield clause
            return


def _stays_in(match: Match, loop: Node, index: str, values: str, beyond: int) -> bool:
    """Whether `index + beyond` is from 0 to the length of `values` on every pass."""
    left, facts = loop.child_by_field_name("left"), match.facts
    if left is None or any(child.type == "async" for child in loop.children):
        return False
    if loop.type == "for_statement":
        body = loop.child_by_field_name("body")
        if body is None or facts.rebound_in(index, body):
            return False
    over, target = "".join(match.text(header(loop)).split()), "".join(match.text(left).split())
    if over == f"enumerate({values})":
        return target.strip("()").startswith(f"{index},") and facts.is_builtin("enumerate")
    past_end = r"(?:\+1)?" if not beyond else ""
    plain = rf"range\((?:\d+,)?len\({re.escape(values)}\){past_end}(?:,[1-9]\d*)?\)"
    if over.count(",") == 1 and not re.match(r"range\(\d+,", over):
        return False
    return target == index and re.fullmatch(plain, over) is not None and all(map(facts.is_builtin, ("range", "len")))


def _scope(match: Match, loop: Node) -> Node | None:
    """Return the loop, or the simple statement that is sure to run the comprehension; `None` when it is not sure."""
    if loop.type == "for_statement":
        return loop
    around = list(match.ancestors)
    while around and around[-1] != loop.parent:
        around.pop()
    if not around or around[-1].type == "generator_expression":
        return None
    for node in reversed(around[:-1]):
        if node.type in {"expression_statement", "return_statement"}:
            return None if _binds(match, node) else node
        if node.type in SOMETIMES or node.type.endswith("_statement") or node.type in COMPREHENSIONS:
            return None
    return None


SOMETIMES = frozenset({"boolean_operator", "conditional_expression", "lambda", "comparison_operator", "elif_clause"})
"""Expressions that do not always evaluate what stands in them."""


def _binds(match: Match, statement: Node) -> bool:
    """Whether a statement's comprehension has a variable called like the list."""
    clauses = [node for node in below(statement) if node.type == "for_in_clause"]
    lefts = [clause.child_by_field_name("left") for clause in clauses]
    return any(match.text("values").encode() in names(left) for left in lefts if left is not None)


def _identifier(slice_: Node, name: str) -> Node:
    return next(node for node in below(slice_) if node.type == "identifier" and node.text == name.encode())


def _binds_tighter(scene: Scene, call: cst.Call) -> bool:
    """Whether the operator around a sum would take one half of a difference for itself."""
    return isinstance(
        scene.parent(call), cst.BinaryOperation | cst.UnaryOperation | cst.Attribute | cst.Subscript | cst.Await
    )
