"""WE221: a shared ETS table that dies with a server that has other work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match

_WORK = (("handle_call", 3), ("handle_cast", 2))


class EtsTableOwnedByWorker(ElixirRule):
    """Makes a shared table in the `init/1` of a server that has other work.

    A table is gone when its owner ends. A server that answers calls may die of any of them, and the rows, which others
    read, die with it; a process that does nothing but own the table has no reason to. The rule stays quiet for tables
    with an `heir`, for private and unnamed ones, and where the server handles neither calls nor casts. It sees this
    file only.

    Where the rows can be had again, as in a cache, owning the table in the worker is a fair choice.
    """

    code = "WE221"
    title = "Let a process without other work own the table"
    message = "The table dies with this server, which has other work to die of"
    severity = "low"
    weight = 15
    fix = "none"
    template = "ttl-cache"
    words = ("new",)
    needs_whole_module = True
    before = """
        defmodule Prices do
          use GenServer

          @impl true
          def init(_options) do
            :ets.new(:prices, [:named_table, read_concurrency: true])
            {:ok, %{}}
          end

          @impl true
          def handle_call({:load, path}, _from, state) do
            :ets.insert(:prices, Price.parse!(File.read!(path)))
            {:reply, :ok, state}
          end
        end
    """
    after = ""
    quiet = (
        """
        defmodule Prices do
          use GenServer

          def init(_options), do: {:ok, :ets.new(:prices, [:named_table, :public])}
        end
        """,
        """
        defmodule Prices do
          use GenServer

          def init(heir), do: {:ok, :ets.new(:prices, [:named_table, {:heir, heir, nil}])}
          def handle_call(:list, _from, table), do: {:reply, :ets.tab2list(table), table}
        end
        """,
        """
        defmodule Prices do
          use GenServer

          def init(_options), do: {:ok, :ets.new(:seen, [:set, :private])}
          def handle_call(key, _from, table), do: {:reply, :ets.insert_new(table, {key}), table}
        end
        """,
        """
        defmodule Prices do
          def init(_options), do: {:ok, :ets.new(:prices, [:named_table])}
          def handle_call(:list, _from, table), do: {:reply, :ets.tab2list(table), table}
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a named table without an heir is made when a server with other work starts."""
        call, clause, module = match.call, match.clause, match.module
        if call is None or clause is None or module is None or not call.to(":ets", "new", 2):
            return False
        options = match.text(call.arguments[1])
        if ":named_table" not in options or ":private" in options or "heir" in options:
            return False
        return clause.name == "init" and match.in_callback and any(work in module.functions for work in _WORK)
