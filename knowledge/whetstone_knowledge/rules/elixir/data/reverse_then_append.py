"""WE229: a list turned round and then copied in front of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.elixir.pipes import bare
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_knowledge.elixir.match import Match, Replacement


class ReverseThenAppend(ElixirRule):
    """Turns a list round, and then copies it in front of another.

    `Enum.reverse/2` puts the turned items straight in front of the other list. With `++` the turned list is made once
    and copied once more: 1,000 items took 5.7 µs, and 2.9 µs in one step. The rule stays quiet where it is the right
    side that is turned, which `++` does not copy.

    `++` takes anything on its right side, `Enum.reverse/2` a list or another collection, of which it makes a list.
    """

    code = "WE229"
    title = "Reverse onto the other list"
    message = "The reversed list is copied once more to stand in front of the other"
    severity = "low"
    weight = 20
    fix = "mechanical"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 1.98}
    sample = "Feed.merged(numbers, numbers)"
    words = ("reverse",)
    before = """
        defmodule Feed do
          def merged(newest_first, older) do
            Enum.reverse(newest_first) ++ older
          end
        end
    """
    after = """
        defmodule Feed do
          def merged(newest_first, older) do
            Enum.reverse(newest_first, older)
          end
        end
    """
    more = (
        (
            """
            defmodule Feed do
              def merged(read, older, oldest), do: :lists.reverse(read) ++ older ++ oldest
            end
            """,
            """
            defmodule Feed do
              def merged(read, older, oldest), do: :lists.reverse(read, older ++ oldest)
            end
            """,
        ),
        (
            """
            defmodule Feed do
              def merged(read, older), do: (read |> Enum.reverse()) ++ older
            end
            """,
            """
            defmodule Feed do
              def merged(read, older), do: Enum.reverse(read, older)
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Feed do
          def merged(first, others), do: first ++ Enum.reverse(others)
        end
        """,
        """
        defmodule Feed do
          def without(items, others), do: Enum.reverse(items) -- others
        end
        """,
        """
        defmodule Feed do
          def merged(first, middle, others), do: Enum.reverse(first, middle) ++ others
        end
        """,
        """
        defmodule Feed do
          def shout(text), do: String.reverse(text) <> "!"
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a reversed list is the left side of `++`."""
        call = match.call
        if call is None or not (call.to("Enum", "reverse", 1) or call.to(":lists", "reverse", 1)):
            return False
        side = call.whole
        while side.parent is not None and side.parent.type == "block" and side.parent.named_child_count == 1:
            side = side.parent
        sides = operands(side.parent) if side.parent is not None else None
        if side.parent is None or sides is None or sides[:2] != (side, "++"):
            return False
        match.underline(side.parent)
        match.also("list", call.arguments[0])
        match.also("others", sides[2])
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Give the right side to the function."""
        call = match.call
        if call is None:
            return
        first, others = match.node("list"), match.node("others")
        match.spare_comments(match.here, match.span, [first, others])
        if others.start_point.row > first.end_point.row and others.end_point.row > others.start_point.row:
            raise Refused("the right side takes several lines; give it a name first")
        module = ":lists" if call.module == ":lists" else match.named("Enum")
        new = f"{module}.reverse({match.argument(bare(first))}, {match.argument(bare(others))})"
        yield match.replaced_by_call(match.here, new)
