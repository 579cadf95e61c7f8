"""WE218: a whole ETS table copied into a process."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement

_LESS = frozenset(
    {"count", "filter", "reject", "find", "find_value", "any?", "all?", "empty?", "reduce", "sum", "max_by", "min_by"}
)


class WholeTableCopied(ElixirRule):
    """Copies a whole ETS table into the memory of one process.

    `:ets.tab2list/1` copies every row. For the number of rows, `:ets.info(table, :size)` knows it: of 1,000 rows the
    list took 38 µs and the size 0.05 µs. For some of the rows, `:ets.select/2` copies those only: a tenth of 1,000 took
    30 µs, filtered from the list 47 µs. For a sum over all, `:ets.foldl/3` takes less memory, but twice the time.

    The rule speaks only where the list goes straight into something that counts, chooses or sums; where every row is
    wanted as it is, the list is what to make. Counting is all that it can rewrite; for a table that is not there,
    `:ets.info` gives `:undefined` where `:ets.tab2list` raises.
    """

    code = "WE218"
    title = "Ask the table instead"
    message = "`:ets.tab2list` copies the whole table into this process for what `{after}` takes"
    severity = "medium"
    weight = 30
    fix = "review"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 702}
    sample = "Carts.count(table)"
    words = ("tab2list",)
    before = """
        defmodule Carts do
          def count(table) do
            table
            |> :ets.tab2list()
            |> length()
          end
        end
    """
    after = """
        defmodule Carts do
          def count(table) do
            :ets.info(table, :size)
          end
        end
    """
    more = (
        (
            """
            defmodule Carts do
              def count(table), do: 2 * Enum.count(:ets.tab2list(table))
            end
            """,
            """
            defmodule Carts do
              def count(table), do: 2 * :ets.info(table, :size)
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Carts do
          def count(table), do: :ets.info(table, :size)
        end
        """,
        """
        defmodule Carts do
          def full(table), do: :ets.select(table, [{{:"$1", :"$2"}, [{:>, :"$2", 9}], [:"$1"]}])
        end
        """,
        """
        defmodule Carts do
          def rows(table), do: Table.tab2list(table) |> length()
        end
        """,
        """
        defmodule Carts do
          def saved(table), do: table |> :ets.tab2list() |> :erlang.term_to_binary()
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a table is copied for what comes right behind, and takes less."""
        call = match.call
        following = _following(match, call) if call is not None and call.to(":ets", "tab2list", 1) else None
        if following is None or not (_counts(match, following) or _takes_less(following)):
            return False
        match.also("after", *_names(following))
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Ask for the size, where the list is only counted."""
        call = match.call
        following = _following(match, call) if call is not None else None
        if call is None or following is None:
            return
        if not _counts(match, following):
            raise Refused("what is wanted of the rows decides: `:ets.select/2` for some, `:ets.foldl/3` for a sum")
        match.spare_comments(following.whole, match.span_of(following.whole), call.arguments)
        yield match.replaced(following.whole, f":ets.info({match.argument(call.arguments[0])}, :size)")


def _following(match: Match, call: Call) -> Call | None:
    """Return the call that takes the list first."""
    for node in reversed(match.ancestors[:-1]):
        if node in (call.node, call.whole) or node.type == "arguments":
            continue
        after = match.read(node)
        return after if after is not None and after.arguments and after.arguments[0] == call.whole else None
    return None


def _counts(match: Match, call: Call) -> bool:
    return call.to("Enum", "count", 1) or match.is_kernel(call, "length", 1)


def _takes_less(call: Call) -> bool:
    return call.module == "Enum" and call.name in _LESS


def _names(call: Call) -> Iterator[Node]:
    """Yield what names the function of a call."""
    target = call.node.child_by_field_name("target")
    if target is not None:
        yield target
