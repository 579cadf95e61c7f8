"""WP105: a whole collection sorted to read one end of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule
from whetstone_knowledge.syntax.walk import arguments
from whetstone_knowledge.triggers import GAP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.match import Match

_FEW = 10
"""From about so many items on, a heap in Python loses its lead over sorting in C."""


class SortedForOneEnd(PythonRule):
    """Sorts a whole collection to read one end of it.

    `min` and `max` look at each element once; sorting looks at each about log n times and keeps a second copy of them
    all. `heapq.nsmallest` and `nlargest` keep only the few that were asked for; they are written in Python, so a small
    or nearly sorted collection is sorted faster than that.

    `sorted(x)[0]` is the first of the smallest, and so is `min(x)`, with a `key` too. `sorted(x)[-1]` is the last of
    the greatest where `max(x)` is the first: with a `key` the rule stays quiet there, without one the two differ only
    between equal values that can be told apart, such as `1` and `True`. `sorted([])[0]` raises `IndexError` where
    `min([])` raises `ValueError`, so the rule stays quiet inside a `try`, where someone may count on the difference.
    What must hold, and only a proof can judge: the collection is not empty, and its values are totally ordered.
    """

    code = "WP105"
    title = "Ask for that end with min, max or heapq"
    message = "The whole collection is sorted to read one end of it"
    severity = "medium"
    weight = 40
    query = """
        (subscript
          value: (call function: (identifier) @sorted arguments: (_) @arguments) @call
          subscript: (_) @end) @here
    """
    literals = ("sorted",)
    trigger = rf"sorted{GAP}\(.*?\){GAP}(\[)"
    before = """
        def cheapest(prices):
            if not prices:
                return None
            return sorted(prices)[0]
    """
    after = """
        def cheapest(prices):
            if not prices:
                return None
            return min(prices)
    """
    more = (
        (
            """
            def longest(words):
                return sorted(words, key=len, reverse=True)[0] if words else ""
            """,
            """
            def longest(words):
                return max(words, key=len) if words else ""
            """,
        ),
        (
            """
            def latest(times):
                return sorted(time for time in times if time)[-1]
            """,
            """
            def latest(times):
                return max(time for time in times if time)
            """,
        ),
        (
            """
            def podium(scores):
                return sorted(
                    scores.items(),
                    key=lambda item: item[1],  # points
                    reverse=True,
                )[:3]
            """,
            """
            from heapq import nlargest


            def podium(scores):
                return nlargest(
                    3, scores.items(),
                    key=lambda item: item[1],  # points
                )
            """,
        ),
        (
            """
            import heapq


            def first_two(names):
                return sorted(name.lower() for name in names)[:2]
            """,
            """
            import heapq


            def first_two(names):
                return heapq.nsmallest(2, (name.lower() for name in names))
            """,
        ),
    )
    quiet = (
        """
        def f(prices):
            return sorted(prices)[1]
        """,
        """
        def f(prices):
            return sorted(prices)[-1:]
        """,
        """
        def f(prices):
            return sorted(prices)[1:3]
        """,
        """
        def f(prices):
            return sorted(prices)[:4:2]
        """,
        """
        def f(prices, count):
            return sorted(prices)[:count]
        """,
        """
        def f(prices):
            return sorted(prices)[:0]
        """,
        """
        def f(prices):
            return sorted(prices)[:500]
        """,
        """
        def f(prices):
            return sorted(prices)[:-1]
        """,
        # The last of equals is not the first of them.
        """
        def f(words):
            return sorted(words, key=len)[-1]
        """,
        """
        def f(words, backwards):
            return sorted(words, reverse=backwards)[0]
        """,
        """
        def f(words, options):
            return sorted(words, **options)[0]
        """,
        """
        def f(words):
            return sorted(*words)[0]
        """,
        """
        def f(prices):
            try:
                return sorted(prices)[0]
            except IndexError:
                return None
        """,
        """
        def f(prices):
            with suppress(IndexError):
                return sorted(prices)[0]
        """,
        """
        def f(prices, sorted):
            return sorted(prices)[0]
        """,
        """
        from natural import sorted


        def f(names):
            return sorted(names)[0]
        """,
        """
        def f(prices):
            ordered = sorted(prices)
            return ordered[0]
        """,
        """
        def f(prices):
            sorted(prices)[0] = 1
        """,
        """
        def f(prices):
            sorted(prices)[0] += 1
            del sorted(prices)[0]
        """,
    )
    sample = "args = ([number * 7919 % 10007 for number in range(1000)],)"
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 2.81, "3.12": 1.91, "3.13": 2.13}

    def applies(self, match: Match) -> bool:
        """Whether the builtin `sorted` is called only to read an end that can be had without sorting."""
        if match.text("sorted") != "sorted" or not match.facts.is_builtin("sorted") or _is_changed(match):
            return False
        options = _options(match)
        if options is None or any(outer.type in {"try_statement", "with_statement"} for outer in match.ancestors):
            return False
        end = match.text("end").replace(" ", "")
        if match.node("end").type == "slice":
            count = end.removeprefix(":")
            return end[0] == ":" and count.isdecimal() and 0 < int(count) <= _FEW
        return end == "0" or (end == "-1" and "key" not in options)

    def mend(self, scene: Scene) -> None:
        """Call what finds the end, with the same arguments less `reverse`."""
        call = scene.at("call", cst.Call)
        end = scene.at("end", cst.BaseSlice)
        backwards = any(_keyword(each) == "reverse" and scene.code(each.value) == "True" for each in call.args)
        kept = [each for each in call.args if _keyword(each) != "reverse"]
        if isinstance(end, cst.Slice):
            name = scene.need("heapq", "nlargest" if backwards else "nsmallest")
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            count = cst.Arg(cst.ensure_type(end.upper, cst.Integer), comma=comma)
            kept = [count, _standing_alone(kept[0]), *kept[1:]]
        else:
            last = scene.code(end).replace(" ", "") == "-1"
            name = scene.builtin("max" if backwards != last else "min")
        if len(kept) != len(call.args) or isinstance(end, cst.Slice):
            kept[-1] = _as_last(kept[-1], call.args[-1])
        new = call.with_changes(func=scene.expression(name), args=kept)
        scene.replace(scene.at("here", cst.Subscript), new)


def _is_changed(match: Match) -> bool:
    """Whether the item is assigned to or deleted, which is done to the sorted copy."""
    around = match.ancestors[-1]
    if around.type in {"assignment", "augmented_assignment"}:
        return around.child_by_field_name("left") == match.here
    return around.type in {"delete_statement", "pattern_list"}


def _options(match: Match) -> frozenset[str] | None:
    """Return the keyword arguments of the call; `None` when it is not of a form that `min` and `max` know."""
    node = match.node("arguments")
    if node.type == "generator_expression":
        return frozenset()
    first, *rest = arguments(node) or [node]
    if first == node or first.type in {"keyword_argument", "list_splat", "dictionary_splat"}:
        return None
    names = [_option(match, each) for each in rest]
    return None if None in names else frozenset(name for name in names if name)


def _option(match: Match, argument: Node) -> str | None:
    """Return the name of a keyword argument that `sorted` knows, with a constant for `reverse`."""
    name, value = argument.child_by_field_name("name"), argument.child_by_field_name("value")
    if argument.type != "keyword_argument" or name is None or value is None:
        return None
    if match.text(name) == "reverse" and value.type not in {"true", "false"}:
        return None
    return match.text(name)


def _keyword(argument: cst.Arg) -> str | None:
    return argument.keyword.value if argument.keyword else None


def _standing_alone(argument: cst.Arg) -> cst.Arg:
    """Return an argument in a form that may have others beside it: a generator expression in its own parentheses."""
    if isinstance(argument.value, cst.GeneratorExp) and not argument.value.lpar:
        value = argument.value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return argument.with_changes(value=value)
    return argument


def _as_last(argument: cst.Arg, old_last: cst.Arg) -> cst.Arg:
    """Return an argument that ends the call as the old last one did, with its own comment behind it."""
    comma, own = old_last.comma, argument.comma
    if isinstance(comma, cst.Comma) and isinstance(own, cst.Comma):
        ending, beside = comma.whitespace_after, own.whitespace_after
        if isinstance(ending, cst.ParenthesizedWhitespace) and isinstance(beside, cst.ParenthesizedWhitespace):
            comma = comma.with_changes(whitespace_after=ending.with_changes(first_line=beside.first_line))
    return argument.with_changes(comma=comma, whitespace_after_arg=old_last.whitespace_after_arg)
