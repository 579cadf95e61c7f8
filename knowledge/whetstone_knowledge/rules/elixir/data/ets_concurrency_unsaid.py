"""WE219: a shared ETS table that says nothing about who reads and writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items, pairs
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match

_SAYS = ("read_concurrency", "write_concurrency", "decentralized_counters")


class EtsConcurrencyUnsaid(ElixirRule):
    """Makes a public ETS table without a word on how many read and write it at once.

    `read_concurrency` helps long runs of reads from many schedulers, `write_concurrency` writes to different keys at
    once, and each has its price: on two processors eight readers took 327 ms without and 449 ms with
    `read_concurrency`. So there is nothing to rewrite: measure on a machine like the one it runs on, and write down
    what it showed, `false` included.

    The rule stays quiet for private tables, for tables that only their owner writes, and where the options are made at
    run time.
    """

    code = "WE219"
    title = "Measure, and say it in the options"
    message = "A public table says nothing about concurrency: measure reads and writes, and write the option down"
    severity = "low"
    weight = 15
    fix = "none"
    words = ("new",)
    before = """
        defmodule Prices do
          def open do
            :ets.new(:prices, [:named_table, :public, :set])
          end
        end
    """
    after = ""
    quiet = (
        """
        defmodule Prices do
          def open, do: :ets.new(:prices, [:named_table, :public, read_concurrency: true])
        end
        """,
        """
        defmodule Prices do
          def open, do: :ets.new(:prices, [:set, {:write_concurrency, :auto}, :public])
        end
        """,
        """
        defmodule Prices do
          def open, do: :ets.new(:prices, [:named_table, :set])
        end
        """,
        """
        defmodule Prices do
          def open(options), do: :ets.new(:prices, [:named_table, :public | options])
        end
        """,
        """
        defmodule Prices do
          def open, do: Map.new([:public])
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a table that anybody may write is made, with options that leave its concurrency out."""
        call = match.call
        if call is None or not call.to(":ets", "new", 2) or call.arguments[1].type != "list":
            return False
        options = call.arguments[1]
        flags = {match.text(item) for item in items(options) if item.type == "atom"}
        opened = any(item.type == "binary_operator" for item in items(options))
        keys = {match.text(pair)[: len(name)] for pair in pairs(options) for name in _SAYS}
        tagged = {match.text(items(item)[0])[1:] for item in items(options) if item.type == "tuple" and items(item)}
        return ":public" in flags and not opened and not (keys | tagged) & set(_SAYS)
