"""WP106: lists added up with `sum`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule
from whetstone_knowledge.syntax.walk import arguments
from whetstone_knowledge.triggers import GAP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.match import Match


class ListsSummed(PythonRule):
    """Adds up lists with `sum(lists, [])`.

    Each addition makes a new list and copies everything collected so far, so the time grows with the square of the
    result's length. `chain.from_iterable` hands on the items one by one, and `list` collects them once.

    The rule stays quiet where `sum` is not the builtin, does not start with an empty list, or adds up a handful of
    lists that are written out right there.
    What must hold, and only a proof can judge: every item is a list. `sum` raises `TypeError` for a tuple or a string
    among them, where `chain` takes their items.
    """

    code = "WP106"
    title = "Chain the lists and collect them once"
    message = "Lists are added up with `sum`, which copies what is collected so far for each of them"
    severity = "high"
    weight = 55
    query = """
        (call function: (identifier) @sum arguments: (argument_list (list) @start) @arguments) @here
        (call
          function: (identifier) @sum
          arguments: (argument_list
            (keyword_argument name: (identifier) @option value: (list) @start)) @arguments) @here
    """
    literals = ("sum",)
    trigger = rf"sum{GAP}\(.*?[,=]{GAP}\[{GAP}(\])"
    before = """
        def everyone(teams):
            return sum([team.members for team in teams], [])
    """
    after = """
        from itertools import chain


        def everyone(teams):
            return list(chain.from_iterable([team.members for team in teams]))
    """
    more = (
        (
            """
            import itertools


            def flat(lists):
                result = sum(lists, start=[])  # one level
                return result
            """,
            """
            import itertools


            def flat(lists):
                result = list(itertools.chain.from_iterable(lists))  # one level
                return result
            """,
        ),
        (
            '''
            """A chain of shops."""

            from itertools import chain as linked


            def flat(shops):
                chain = (shop.sorted for shop in shops)
                return sum((goods for goods in chain), [])
            ''',
            '''
            """A chain of shops."""

            from itertools import chain as linked


            def flat(shops):
                chain = (shop.sorted for shop in shops)
                return list(linked.from_iterable(goods for goods in chain))
            ''',
        ),
        (
            """
            import os


            def flat(chain):
                return sum(chain, [])
            """,
            """
            import itertools
            import os


            def flat(chain):
                return list(itertools.chain.from_iterable(chain))
            """,
        ),
    )
    quiet = (
        """
        def f(first, second):
            return sum([first, second, ["last"]], [])
        """,
        """
        def f(numbers):
            return sum(numbers)
        """,
        """
        def f(numbers):
            return sum(numbers, 0)
        """,
        """
        def f(lists):
            return sum(lists, [0])
        """,
        """
        def f(tuples):
            return sum(tuples, ())
        """,
        """
        def f(lists, start):
            return sum(lists, start)
        """,
        """
        def f(lists):
            return sum([], lists)
        """,
        """
        def f(lists):
            return sum(*lists, [])
        """,
        """
        def f():
            return sum([])
        """,
        """
        def f(sum, lists):
            return sum(lists, [])
        """,
        """
        from numpy import sum


        def f(lists):
            return sum(lists, [])
        """,
        """
        def f(table, lists):
            return table.sum(lists, [])
        """,
        """
        def f(lists):
            return sum(lists, axis=[])
        """,
    )
    sample = """
        class Team:
            def __init__(self, members):
                self.members = members

        args = ([Team([f"{team}.{member}" for member in range(8)]) for team in range(200)],)
    """
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 5.28, "3.12": 5.45, "3.13": 7.52}

    def applies(self, match: Match) -> bool:
        """Whether the builtin `sum` starts from an empty list."""
        if match.text("sum") != "sum" or not match.facts.is_builtin("sum"):
            return False
        if match.has("option") and match.text("option") != "start":
            return False
        given = arguments(match.node("arguments"))
        if len(given) != 2 or given[0].type in {"keyword_argument", "list_splat", "dictionary_splat"}:
            return False
        if given[0].type in {"list", "tuple"} and not any(
            each.type == "list_splat" for each in given[0].named_children
        ):
            return False
        start = match.node("start")
        is_second = given[1].start_byte <= start.start_byte
        return is_second and start.named_child_count == 0 and given[1].end_byte == start.end_byte

    def mend(self, scene: Scene) -> None:
        """Collect what a chain of the lists hands on."""
        call = scene.at("here", cst.Call)
        collect = scene.builtin("list")
        chain = scene.need("itertools", "chain")
        lists = scene.code(_without_parentheses(call.args[0].value))
        scene.replace(call, scene.expression(f"{collect}({chain}.from_iterable({lists}))"))


def _without_parentheses(value: cst.BaseExpression) -> cst.BaseExpression:
    """Return a generator expression as it looks as the only argument of a call; any other value as it is."""
    if isinstance(value, cst.GeneratorExp) and len(value.lpar) == 1 and not value.lpar[0].whitespace_after.empty:
        return value
    return value.with_changes(lpar=(), rpar=()) if isinstance(value, cst.GeneratorExp) else value
