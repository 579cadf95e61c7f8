"""WE208: a list of texts made only to be joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.effects import function_may_have_effects, may_have_effects
from whetstone_knowledge.elixir.pipes import merged, steps
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_knowledge.elixir.match import Match, Replacement


class MapThenJoin(ElixirRule):
    """Makes a list of texts only to join them.

    `Enum.map_join/3` makes the text of each item while it joins, without the list between: for a field of each of 5
    to 10,000 maps it was 1.0 to 1.5 times as fast; where making the text is dear, there is nothing to feel. The rule
    stays quiet where the list has a name, because it may be wanted again.

    Both make each item's text in the same order. What an item becomes is turned into text before the next item is
    looked at, no longer afterwards. What stands between the texts is worked out first: where both that and the
    function may do more than to work out a value, the rewrite is to be looked at.
    """

    code = "WE208"
    title = "Map and join in one pass"
    message = "`Enum.map` builds a list that `Enum.join` takes apart at once"
    severity = "low"
    weight = 15
    fix = "mechanical"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 1.14}
    sample = "Report.header(rows)"
    words = ("join",)
    before = """
        defmodule Report do
          def header(columns) do
            columns
            |> Enum.map(& &1.title)
            |> Enum.join(", ")
          end
        end
    """
    after = """
        defmodule Report do
          def header(columns) do
            columns
            |> Enum.map_join(", ", & &1.title)
          end
        end
    """
    more = (
        (
            """
            defmodule Report do
              def names(users), do: Enum.join(Enum.map(users, & &1.name))
            end
            """,
            """
            defmodule Report do
              def names(users), do: Enum.map_join(users, & &1.name)
            end
            """,
        ),
        (
            """
            defmodule Report do
              def lines(rows) do
                Enum.map(rows, fn row ->
                  row.cells |> Enum.filter(& &1.shown) |> inspect()
                end)
                |> Enum.join("\\n")
              end
            end
            """,
            """
            defmodule Report do
              def lines(rows) do
                Enum.map_join(rows, "\\n", fn row ->
                  row.cells |> Enum.filter(& &1.shown) |> inspect()
                end)
              end
            end
            """,
        ),
        (
            """
            defmodule Report do
              def lines(rows) do
                Enum.join(
                  Enum.map(rows, fn row ->
                    inspect(row)
                  end),
                  "\\n"
                )
              end
            end
            """,
            """
            defmodule Report do
              def lines(rows) do
                Enum.map_join(rows, "\\n", fn row ->
                  inspect(row)
                end)
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Report do
          def header(columns) do
            names = Enum.map(columns, & &1.name)
            Enum.join(names, ", ") <> Integer.to_string(length(names))
          end
        end
        """,
        """
        defmodule Report do
          def header(columns), do: columns |> Enum.filter(& &1.shown) |> Enum.join(", ")
        end
        """,
        """
        defmodule Report do
          def path(parts), do: parts |> Enum.map(&to_string/1) |> Path.join()
        end
        """,
        """
        defmodule Report do
          def header(columns), do: columns |> Stream.map(& &1.name) |> Enum.join(", ")
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a mapped list is joined at once."""
        two = steps(match)
        if two is None or not two.second.to("Enum", "join", 1, 2) or not two.first.to("Enum", "map", 2):
            return False
        if any(may_have_effects(match, joiner) for joiner in two.second.arguments[1:]) and (
            function_may_have_effects(match, two.first.arguments[1])
        ):
            match.review()
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write `Enum.map_join`, which takes the function last."""
        two = steps(match)
        if two is not None:
            function = f"{match.named('Enum')}.map_join"
            yield merged(match, two, function, *two.second.arguments[1:], two.first.arguments[1])
