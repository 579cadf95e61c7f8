"""WE230: a map built key by key in a reduce."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.branches import branches
from whetstone_knowledge.elixir.lambdas import mentions
from whetstone_knowledge.elixir.match import Replacement, variables
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_knowledge.elixir.branches import Branch
    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match


class MapBuiltInReduce(ElixirRule):
    """Builds a map by putting one key for each item.

    `Map.new/2` says what is meant, and makes the map of all pairs at once. Whether that is faster is a matter of
    memory: for 10 to 10,000 items it was 1.2 to 1.8 times as fast in a process with the heap that it began with, and
    0.6 to 1.0 times in one with plenty. So the rule speaks only on request, and not where the function looks at the
    map, puts something else for some items, or begins with a map that is not empty.

    Both keep the last of several values for one key.
    """

    code = "WE230"
    title = "Make the map at once"
    message = "The map is built key by key, where `Map.new/2` makes it at once"
    severity = "low"
    weight = 15
    fix = "review"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 0.619}
    sample = "Index.by_id(rows)"
    on_request = True
    words = ("reduce",)
    before = """
        defmodule Index do
          def by_id(rows) do
            Enum.reduce(rows, %{}, fn row, found ->
              Map.put(found, row.id, row)
            end)
          end
        end
    """
    after = """
        defmodule Index do
          def by_id(rows) do
            Map.new(rows, fn row ->
              {row.id, row}
            end)
          end
        end
    """
    more = (
        (
            """
            defmodule Index do
              def by_name(rows) do
                rows
                |> Enum.reduce(%{}, fn
                  {name, nil}, found ->
                    found |> Map.put(name, :none)

                  {name, row}, found ->
                    key = String.downcase(name)
                    Map.put(found, key, row)
                end)
              end
            end
            """,
            """
            defmodule Index do
              def by_name(rows) do
                rows
                |> Map.new(fn
                  {name, nil} ->
                    {name, :none}

                  {name, row} ->
                    key = String.downcase(name)
                    {key, row}
                end)
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Index do
          def counts(rows) do
            Enum.reduce(rows, %{}, fn id, found -> Map.put(found, id, Map.get(found, id, 0) + 1) end)
          end
        end
        """,
        """
        defmodule Index do
          def by_id(rows) do
            Enum.reduce(rows, %{}, fn row, found ->
              if row.shown, do: Map.put(found, row.id, row), else: found
            end)
          end
        end
        """,
        """
        defmodule Index do
          def by_id(rows, known) do
            Enum.reduce(rows, known, fn row, found -> Map.put(found, row.id, row) end)
          end
        end
        """,
        """
        defmodule Index do
          def first_by_id(rows) do
            Enum.reduce(rows, %{}, fn row, found -> Map.put_new(found, row.id, row) end)
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a reduce from an empty map does nothing but put one key in each clause."""
        call = match.call
        if call is None or not call.to("Enum", "reduce", 3) or match.text(call.arguments[1]) != "%{}":
            return False
        function = call.arguments[2]
        clauses = list(branches(function)) if function.type == "anonymous_function" else []
        return bool(clauses) and all(_put(match, clause) is not None for clause in clauses)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write `Map.new`, and the pair in place of the put."""
        call = match.call
        if call is None:
            return
        empty, function = call.arguments[1:]
        name_end = match.leaf.end_byte
        match.spare_comments(call.node, Span(empty.start_byte, function.start_byte))
        yield Replacement(Span(call.node.start_byte, name_end), f"{match.named('Map')}.new")
        yield Replacement(Span(empty.start_byte, function.start_byte), "")
        for clause in branches(function):
            put = _put(match, clause)
            if put is None:
                continue
            match.spare_comments(put.whole, Span(put.whole.start_byte, put.whole.end_byte), put.arguments[1:])
            yield Replacement(Span(clause.patterns[0].end_byte, clause.patterns[1].end_byte), "")
            yield match.replaced(put.whole, f"{{{', '.join(match.argument(each) for each in put.arguments[1:])}}}")


def _put(match: Match, clause: Branch) -> Call | None:
    """Return the `Map.put` that ends a clause, if it is the only place that names the map."""
    if len(clause.patterns) != 2 or clause.patterns[1].type != "identifier" or not clause.body:
        return None
    put = match.read(clause.body[-1])
    name = match.text(clause.patterns[1])
    if put is None or not put.to("Map", "put", 3) or match.text(put.arguments[0]) != name:
        return None
    if name in {match.text(each) for each in variables(clause.patterns[0])}:
        return None
    return put if mentions(match, clause, name) == 1 else None
