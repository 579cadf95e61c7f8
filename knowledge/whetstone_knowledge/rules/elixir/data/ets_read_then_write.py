"""WE220: a row of a public table read, changed and written back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from whetstone_knowledge.elixir.branches import branches
from whetstone_knowledge.elixir.calls import items, operands
from whetstone_knowledge.rule import ElixirRule, Refused
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement

_PUBLIC_TABLE = re.compile(rb":ets\.new\([^)]*:public\b")


class EtsReadThenWrite(ElixirRule):
    """Reads a row of a public table and writes it back, while others may do the same.

    Two processes that read the same number write the same sum, and one of them is lost. `:ets.update_counter` and
    `:ets.insert_new` do both in one step, which is quicker as well: a count took 0.18 µs in two steps, 0.10 µs in one.

    The rule stays quiet in the callbacks and private functions of a server, whose writes come one after another, and
    where no public table is made in this file: of tables made elsewhere it knows nothing. It rewrites counters;
    `:ets.update_counter` gives the new count where `:ets.insert` gave `true`.
    """

    code = "WE220"
    title = "Count in one step"
    message = "Between this lookup and `:ets.insert` another process may write the same row"
    severity = "low"
    weight = 20
    fix = "review"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 1.75}
    sample = "Hits.hit(:page) != nil"
    words = ("lookup",)
    before = """
        defmodule Hits do
          def open, do: :ets.new(:hits, [:named_table, :public])

          def hit(page) do
            case :ets.lookup(:hits, page) do
              [{^page, count}] -> :ets.insert(:hits, {page, count + 1})
              [] -> :ets.insert(:hits, {page, 1})
            end
          end
        end
    """
    after = """
        defmodule Hits do
          def open, do: :ets.new(:hits, [:named_table, :public])

          def hit(page) do
            :ets.update_counter(:hits, page, 1, {page, 0})
          end
        end
    """
    quiet = (
        """
        defmodule Hits do
          def open, do: :ets.new(:hits, [:named_table])

          def hit(page) do
            [{_, count}] = :ets.lookup(:hits, page)
            :ets.insert(:hits, {page, count + 1})
          end
        end
        """,
        """
        defmodule Hits do
          def open, do: :ets.new(:hits, [:named_table, :public])

          def copy(page, other) do
            [{_, count}] = :ets.lookup(:hits, page)
            :ets.insert(:hits, {other, count})
          end
        end
        """,
        """
        defmodule Hits do
          def open, do: :ets.new(:hits, [:named_table, :public])

          def hit(page), do: :ets.update_counter(:hits, page, 1, {page, 0})
          def seen(page), do: :ets.lookup(:hits, page)
        end
        """,
        """
        defmodule Hits do
          use GenServer

          def init(_), do: {:ok, :ets.new(:hits, [:named_table, :public])}

          def handle_cast({:hit, page}, state) do
            [{_, count}] = :ets.lookup(:hits, page)
            :ets.insert(:hits, {page, count + 1})
            {:noreply, state}
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether the row that is looked up here is written further down in the same function."""
        call, clause, module = match.call, match.clause, match.module
        if call is None or clause is None or not call.to(":ets", "lookup", 2):
            return False
        if match.in_callback or (module is not None and module.is_server and clause.kind == "defp"):
            return False
        if not _PUBLIC_TABLE.search(match.whole.source):
            return False
        asked = [match.text(each) for each in call.arguments]
        return any(
            each.node.start_byte > call.node.start_byte and _row(match, each, asked) is not None
            for each in _inserts(match, clause.body)
        )

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write one `:ets.update_counter` for a `case` that adds to a number, or begins with one."""
        call = match.call
        case = next((node for node in reversed(match.ancestors[:-2]) if node.type == "call"), None)
        if call is None or case is None:
            return
        counter = _counter(match, call, case)
        if counter is None:
            raise Refused("only a count is known to be one step; `:ets.insert_new` and `:ets.select_replace` may serve")
        table, key = (match.text(each) for each in call.arguments)
        new = f":ets.update_counter({table}, {key}, {counter.step}, {{{key}, {counter.begin}}})"
        match.spare_comments(case, match.span_of(case))
        yield match.replaced(case, new)


class _Counter(NamedTuple):
    """What is added each time, and what to begin from."""

    step: int
    begin: int


def _inserts(match: Match, body: Sequence[Node]) -> Iterator[Call]:
    for part in body:
        for node in below(part):
            call = match.read(node) if node.type == "call" else None
            if call is not None and call.to(":ets", "insert", 2):
                yield call


def _row(match: Match, insert: Call, asked: Sequence[str]) -> Sequence[Node] | None:
    """Return the row that a call writes, if it is the one that was asked for."""
    table, row = insert.arguments
    held = items(row) if row.type == "tuple" else []
    return held if held and [match.text(table), match.text(held[0])] == list(asked) else None


def _counter(match: Match, lookup: Call, case: Node) -> _Counter | None:
    """Return what a `case` of a row that is there and one that is not counts."""
    call = match.read(case)
    if call is None or call.name != "case" or call.block is None or list(call.arguments) != [lookup.node]:
        return None
    clauses = list(branches(call.block))
    if len(clauses) != 2 or any(each.guard is not None or len(each.body) != 1 for each in clauses):
        return None
    asked = [match.text(each) for each in lookup.arguments]
    step = begin = None
    for clause in clauses:
        insert = match.read(clause.body[0])
        row = _row(match, insert, asked) if insert is not None and insert.to(":ets", "insert", 2) else None
        if row is None or len(row) != 2:
            return None
        pattern = clause.patterns[0]
        if match.text(pattern) == "[]":
            begin = _number(match, row[1])
        else:
            step = _step(match, pattern, row[1])
    return _Counter(step, begin - step) if step is not None and begin is not None else None


def _step(match: Match, pattern: Node, value: Node) -> int | None:
    """Return what is added to the number that a pattern such as `[{_, count}]` takes."""
    rows = items(pattern) if pattern.type == "list" else []
    held = items(rows[0]) if len(rows) == 1 and rows[0].type == "tuple" else []
    sides = operands(value)
    if (
        len(held) != 2
        or {each.type for each in held} - {"identifier", "unary_operator"}
        or sides is None
        or match.text(sides[0]) != match.text(held[1])
    ):
        return None
    number = _number(match, sides[2])
    return None if number is None or sides[1] not in {"+", "-"} else number if sides[1] == "+" else -number


def _number(match: Match, node: Node) -> int | None:
    text = match.text(node)
    return int(text) if text.isdigit() else None
