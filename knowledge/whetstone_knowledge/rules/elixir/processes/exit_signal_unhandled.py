"""WE104: a server that traps exits and dies of the first that comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.servers import EXITS, may_take, message_clauses, with_messages
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.match import Match, Replacement


class ExitSignalUnhandled(ElixirRule):
    """Traps exits, and handles no `{:EXIT, pid, reason}`.

    With the flag set, the end of each linked process comes as a message, a normal end as well. `handle_info/2` has
    clauses here, and none of them takes it: the server dies with `:function_clause` when a task, a port or a process
    that it has started is done.

    The rule stays quiet where a clause may take the message, and where there is no `handle_info/2` at all: the one that
    `use GenServer` brings logs it. It sees this file only: a clause that a macro brings in is not seen.

    The clauses it adds do what happens to a process that does not trap exits: they pass over a normal end, and stop
    with any other.
    """

    code = "WE104"
    title = "Handle the end of linked processes"
    message = "Exits are trapped, but no clause of `handle_info/2` takes `:EXIT`: one ends the server"
    severity = "high"
    weight = 60
    fix = "mechanical"
    words = ("flag",)
    needs_whole_module = True
    before = """
        defmodule Importer do
          use GenServer

          @impl true
          def init(path) do
            Process.flag(:trap_exit, true)
            {:ok, path}
          end

          @impl true
          def handle_info({:rows, rows}, path) do
            {:noreply, insert(rows, path)}
          end
        end
    """
    after = """
        defmodule Importer do
          use GenServer

          @impl true
          def init(path) do
            Process.flag(:trap_exit, true)
            {:ok, path}
          end

          @impl true
          def handle_info({:EXIT, _from, :normal}, state), do: {:noreply, state}
          def handle_info({:EXIT, _from, reason}, state), do: {:stop, reason, state}

          def handle_info({:rows, rows}, path) do
            {:noreply, insert(rows, path)}
          end
        end
    """
    quiet = (
        """
        defmodule Importer do
          use GenServer

          def init(path) do
            Process.flag(:trap_exit, true)
            {:ok, path}
          end

          def handle_info({:EXIT, _port, reason}, path), do: {:stop, reason, path}
        end
        """,
        """
        defmodule Importer do
          use GenServer

          def init(path) do
            Process.flag(:trap_exit, true)
            {:ok, path}
          end

          def handle_info({:rows, _rows}, path), do: {:noreply, path}
          def handle_info(_other, path), do: {:noreply, path}
        end
        """,
        """
        defmodule Importer do
          use GenServer

          def init(path) do
            Process.flag(:trap_exit, true)
            {:ok, path}
          end

          def terminate(_reason, path), do: File.rm(path)
        end
        """,
        """
        defmodule Importer do
          use GenServer

          def init(path) do
            Process.flag(:priority, :high)
            {:ok, path}
          end

          def handle_info({:rows, _rows}, path), do: {:noreply, path}
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a server begins to trap exits here, with messages that it handles, but not these."""
        call, module = match.call, match.module
        if (
            call is None
            or not call.to("Process", "flag", 2)
            or module is None
            or not module.is_server
            or not match.runs_here
        ):
            return False
        if [match.text(argument) for argument in call.arguments] != [":trap_exit", "true"]:
            return False
        clauses = message_clauses(module) if ("handle_info", 2) not in module.perhaps else ()
        return bool(clauses) and not any(may_take(clause, ":EXIT", 3) for clause in clauses)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Pass over a normal end, and stop with any other."""
        yield from with_messages(match, EXITS)
