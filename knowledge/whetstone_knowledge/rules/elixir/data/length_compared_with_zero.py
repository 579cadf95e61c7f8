"""WE204: the length of a list, counted to compare it with zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.comparisons import compared_with_zero
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_knowledge.elixir.match import Match, Replacement


class LengthComparedWithZero(ElixirRule):
    """Counts a whole list to learn whether it is empty.

    `length/1` walks the list to its end: on 20,000 items that took 43 µs for each test, where a look at the first cell
    takes none. The rule stays quiet for any other number, in guards, where the call also tells lists from all else, and
    where `length` is a function of the module itself.

    `length/1` raises for what is no list, and the comparison with `[]` does not: code that counts on the error goes on
    with the other branch. Where the function has a `rescue`, the rewrite is to be looked at.
    """

    code = "WE204"
    title = "Look at the first cell only"
    message = "`length/1` walks the whole list to learn whether it is empty"
    severity = "medium"
    weight = 30
    fix = "mechanical"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 63.8}
    sample = "Queue.take(numbers)"
    words = ("length",)
    before = """
        defmodule Queue do
          def take(jobs) do
            if length(jobs) == 0 do
              :empty
            else
              {:ok, hd(jobs)}
            end
          end
        end
    """
    after = """
        defmodule Queue do
          def take(jobs) do
            if jobs == [] do
              :empty
            else
              {:ok, hd(jobs)}
            end
          end
        end
    """
    more = (
        (
            """
            defmodule Queue do
              def busy?(queue) do
                length(queue.jobs) > 0
              end
            end
            """,
            """
            defmodule Queue do
              def busy?(queue) do
                match?([_ | _], queue.jobs)
              end
            end
            """,
        ),
        (
            """
            defmodule Queue do
              def idle?(queue), do: 0 === queue.jobs |> length()
            end
            """,
            """
            defmodule Queue do
              def idle?(queue), do: queue.jobs == []
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Queue do
          def pair?(jobs), do: length(jobs) == 2
        end
        """,
        """
        defmodule Queue do
          def empty?(queue), do: length(queue) == 0

          defp length(queue), do: queue.size
        end
        """,
        """
        defmodule Queue do
          def take(jobs) when length(jobs) > 0, do: hd(jobs)
        end
        """,
        """
        defmodule Queue do
          def empty?(name), do: String.length(name) == 0
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether the length of a list is compared with zero, or as good as that."""
        call = match.call
        comparison = compared_with_zero(match, call.whole) if call is not None else None
        if call is None or comparison is None or not match.is_kernel(call, "length", 1) or match.in_guard:
            return False
        if match.in_rescue:
            match.review()
        match.underline(comparison.node)
        match.also("list", call.arguments[0])
        match.also("empty" if comparison.asks_for_empty else "filled", comparison.node)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Compare with the empty list, or match a first cell."""
        value = match.node("list")
        match.spare_comments(match.here, match.span, [value])
        if "empty" in match.captures:
            yield match.replaced_by_operation(match.here, f"{match.operand(value)} == []")
        elif not match.means_kernel("match?", 2):
            raise Refused("`match?/2` is another function here")
        else:
            yield match.replaced_by_call(match.here, f"match?([_ | _], {match.argument(value)})")
