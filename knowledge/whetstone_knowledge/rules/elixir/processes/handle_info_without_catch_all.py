"""WE103: a server that dies of a message nobody foresaw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.servers import LOGS, takes_all, with_logger
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.match import Match, Replacement


class HandleInfoWithoutCatchAll(ElixirRule):
    """Handles some messages in `handle_info/2`, and dies of any other.

    `use GenServer` brings a `handle_info/2` that logs what it does not know; a clause of one's own takes its place. A
    late reply, a message to the wrong pid or a `:DOWN` nobody flushed then ends the server with `:function_clause`.

    The rule stays quiet where the last clause takes any message, and while part of the module cannot be read. It sees
    this file only: a clause that a macro brings in is not seen.
    """

    code = "WE103"
    title = "Log what is not known and go on"
    message = "`handle_info/2` has no clause for other messages: one of those ends the server"
    severity = "low"
    weight = 15
    fix = "mechanical"
    words = ("handle_info",)
    needs_whole_module = True
    before = """
        defmodule Ticker do
          use GenServer
          require Logger

          @impl true
          def init(state), do: {:ok, state}

          @impl true
          def handle_info(:tick, state) do
            {:noreply, state + 1}
          end
        end
    """
    after = """
        defmodule Ticker do
          use GenServer
          require Logger

          @impl true
          def init(state), do: {:ok, state}

          @impl true
          def handle_info(:tick, state) do
            {:noreply, state + 1}
          end

          def handle_info(message, state) do
            Logger.warning("#{inspect(__MODULE__)} ignored #{inspect(message)}")
            {:noreply, state}
          end
        end
    """
    more = (
        (
            """
            defmodule Ticker do
              use GenServer

              def init(state), do: {:ok, state}

              def handle_info(:tick, state), do: {:noreply, state + 1}
              def handle_info(:stop, state), do: {:stop, :normal, state}
            end
            """,
            """
            defmodule Ticker do
              use GenServer
              require Logger

              def init(state), do: {:ok, state}

              def handle_info(:tick, state), do: {:noreply, state + 1}
              def handle_info(:stop, state), do: {:stop, :normal, state}

              def handle_info(message, state) do
                Logger.warning("#{inspect(__MODULE__)} ignored #{inspect(message)}")
                {:noreply, state}
              end
            end
            """,
        ),
        (
            """
            defmodule Ticker do
              @behaviour GenServer

              def init(state), do: {:ok, state}
              def handle_info(:tick, state), do: {:noreply, state + 1}
            end
            """,
            """
            defmodule Ticker do
              @behaviour GenServer
              require Logger

              def init(state), do: {:ok, state}
              def handle_info(:tick, state), do: {:noreply, state + 1}

              def handle_info(message, state) do
                Logger.warning("#{inspect(__MODULE__)} ignored #{inspect(message)}")
                {:noreply, state}
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Ticker do
          use GenServer

          def init(state), do: {:ok, state}
          def handle_info(:tick, state), do: {:noreply, state + 1}
          def handle_info(_other, state), do: {:noreply, state}
        end
        """,
        """
        defmodule Channel do
          use Phoenix.Channel

          def handle_info(:tick, socket), do: {:noreply, socket}
        end
        """,
        """
        defmodule Ticker do
          use GenServer

          def init(state), do: {:ok, state}
          def handle_call(:state, _from, state), do: {:reply, state, state}
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether this is the last clause of a server's `handle_info/2`, and takes some messages only."""
        clause, module = match.definition, match.module
        if clause is None or module is None or not module.is_callback(clause) or clause.name != "handle_info":
            return False
        last = module.functions["handle_info", 2][-1]
        if ("handle_info", 2) in module.perhaps:
            return False
        match.underline(clause.name_node)
        return last.node == clause.node and not takes_all(clause)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Add a clause that logs, and what logging requires."""
        clause = match.clause
        if clause is not None:
            yield match.inserted(match.behind(clause.node), match.indented(f"\n{LOGS}", clause.node))
            yield from with_logger(match)
