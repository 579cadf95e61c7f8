"""WE201: a list grown at its end while reducing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.appends import appended_to, put_in_front
from whetstone_knowledge.elixir.lambdas import growths, passes_on, reduction
from whetstone_knowledge.elixir.pipes import followed
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_knowledge.elixir.match import Match, Replacement


class AppendInReduce(ElixirRule):
    """Appends to the list that a reduce carries on.

    `++` copies its left side, here everything found so far, for each item: 20,000 appends took 1,176 ms, putting in
    front and turning round once 0.2 ms. The rule stays quiet where the left side is not what is carried on, however
    long the right one is: that is what `++` is good at.

    The rewrite is made where the function does nothing else with the list: somewhere else it would see it the other way
    round.
    """

    code = "WE201"
    title = "Put in front, and reverse once"
    message = "`{list} ++ …` copies all of `{list}` for each item"
    severity = "high"
    weight = 60
    fix = "review"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 28.5}
    sample = "Report.ids(rows)"
    words = ("++",)
    before = """
        defmodule Report do
          def ids(rows) do
            Enum.reduce(rows, [], fn row, found ->
              if row.shown, do: found ++ [row.id], else: found
            end)
          end
        end
    """
    after = """
        defmodule Report do
          def ids(rows) do
            Enum.reduce(rows, [], fn row, found ->
              if row.shown, do: [row.id | found], else: found
            end)
            |> Enum.reverse()
          end
        end
    """
    more = (
        (
            """
            defmodule Report do
              def ids(rows), do: Enum.reduce(rows, [], fn r, ids -> ids ++ [r.id, r.key] end)
            end
            """,
            """
            defmodule Report do
              def ids(rows), do: Enum.reverse(Enum.reduce(rows, [], fn r, ids -> [r.key, r.id | ids] end))
            end
            """,
        ),
        (
            """
            defmodule Report do
              def ids(rows) do
                ids =
                  rows
                  |> Enum.filter(& &1.shown)
                  |> Enum.reduce([], fn
                    %{id: nil}, found -> found
                    row, found -> found ++ [row.id]
                  end)
                  |> Enum.uniq()

                {:ok, ids}
              end
            end
            """,
            """
            defmodule Report do
              def ids(rows) do
                ids =
                  rows
                  |> Enum.filter(& &1.shown)
                  |> Enum.reduce([], fn
                    %{id: nil}, found -> found
                    row, found -> [row.id | found]
                  end)
                  |> Enum.reverse()
                  |> Enum.uniq()

                {:ok, ids}
              end
            end
            """,
        ),
        (
            """
            defmodule Report do
              def ids(rows) do
                for row <- rows, reduce: [] do
                  found -> found ++ [row.id]
                end
              end
            end
            """,
            """
            defmodule Report do
              def ids(rows) do
                for row <- rows, reduce: [] do
                  found -> [row.id | found]
                end
                |> Enum.reverse()
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Report do
          def ids(rows, last) do
            Enum.reduce(rows, [], fn row, found -> row.ids ++ found ++ [last] end)
          end
        end
        """,
        """
        defmodule Report do
          def paths(rows, path) do
            Enum.reduce(rows, %{}, fn row, found -> Map.put(found, path ++ [row.key], row) end)
          end
        end
        """,
        """
        defmodule Report do
          def ids(rows) do
            Enum.reduce(rows, [], fn row, found -> [row.id | found] end) ++ [:end]
          end
        end
        """,
        """
        defmodule Report do
          def paths(rows) do
            Enum.reduce(rows, {[], %{}}, fn row, {path, found} ->
              {path, Map.put(found, path ++ [row.key], row)}
            end)
          end
        end
        """,
        """
        defmodule Report do
          def lists(rows) do
            Enum.reduce(rows, [], fn row, found ->
              [Enum.map(row.cells, fn found -> found ++ [:end] end) | found]
            end)
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a list that is carried on has something put at its end, and goes on like that."""
        operation = match.operation
        if operation is None or (grown := appended_to(operation)) is None:
            return False
        found = reduction(match)
        if found is None or not found.carries(match.text(grown), match):
            return False
        match.also("list", grown)
        return passes_on(found.branch, operation)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Put in front in every clause, and reverse what comes of it."""
        found = reduction(match)
        if found is None:
            return
        if found.call.name not in {"reduce", "foldl", "for"} or found.call.module == ":lists":
            raise Refused("what the function returns has more than the list in it")
        appends = [each for branch in found.branches for each in growths(match, branch, appended_to)]
        if found.initial is None or match.text(found.initial) != "[]":
            raise Refused("the list does not begin empty")
        for append in appends:
            yield match.replaced(append, put_in_front(match, append))
        yield from followed(match, found.call, f"{match.named('Enum')}.reverse")
