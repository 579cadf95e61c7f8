"""WE127: a server that goes on after any exception, in a state that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.branches import branches
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.branches import Branch
    from whetstone_knowledge.elixir.match import Match

_ENDING = frozenset({"raise", "reraise", "exit", "throw"})


class RescueAllInCallback(ElixirRule):
    """Rescues any exception in a callback of a GenServer, and goes on.

    Half of the work may be done: a row written, a message sent, a counter not yet raised. The server lives on with the
    state it had before, there is no crash report and no restart, and nobody counts. Input is better checked in the
    client function, where it raises in the caller; what is expected is better handled as a value, or by the name of its
    exception; the rest may crash, for a restart begins in a known state.

    The rule stays quiet for exceptions that are named, for branches that raise or exit in the end or stop the server,
    in `terminate/2`, in loops, where one bad item need not end the others, and in functions that a callback calls.
    """

    code = "WE127"
    title = "Rescue what is expected by name, and let the rest crash"
    message = "The server goes on after any exception, with its work half done and no crash report"
    severity = "medium"
    weight = 30
    fix = "none"
    words = ("rescue", "catch")
    before = """
        defmodule Ledger do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_cast({:add, line}, state) do
            {:noreply, add(state, line)}
          rescue
            _error -> {:noreply, state}
          end

          defp add(state, line), do: [line | state]
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Ledger do
              use GenServer

              def init(state), do: {:ok, state}

              def handle_cast({:add, line}, state) do
                try do
                  {:noreply, add(state, line)}
                catch
                  _kind, _reason -> {:noreply, state}
                end
              end

              defp add(state, line), do: [line | state]
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Ledger do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_cast({:add, line}, state) do
            {:noreply, [String.to_existing_atom(line) | state]}
          rescue
            ArgumentError -> {:noreply, state}
          end
        end
        """,
        """
        defmodule Ledger do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_cast({:add, line}, state) do
            {:noreply, [parse(line) | state]}
          rescue
            error ->
              report(error)
              reraise error, __STACKTRACE__
          end
        end
        """,
        """
        defmodule Ledger do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_info(:flush, state) do
            GenServer.call(state.sink, :flush)
            {:noreply, state}
          catch
            :exit, _reason -> {:noreply, state}
          end
        end
        """,
        """
        defmodule Ledger do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_cast({:add, line}, state) do
            {:noreply, [parse(line) | state]}
          rescue
            error -> {:stop, {:bad_line, error}, state}
          end
        end
        """,
        """
        defmodule Ledger do
          def parse(line) do
            String.to_integer(line)
          rescue
            _error -> nil
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a callback rescues whatever comes, and goes on."""
        around = match.ancestors[-1]
        if around.type not in {"rescue_block", "catch_block"} or not match.in_callback or match.loops:
            return False
        if match.clause is not None and match.clause.name == "terminate":
            return False
        wide = (branch for branch in branches(around) if _takes_any_exception(branch))
        branch = next((branch for branch in wide if not _ends(match, branch)), None)
        if branch is None:
            return False
        match.underline(match.leaf)
        return True


def _takes_any_exception(branch: Branch) -> bool:
    if branch.node.parent is not None and branch.node.parent.type == "catch_block" and len(branch.patterns) < 2:
        return False  # a thrown value only
    return branch.takes_all


def _ends(match: Match, branch: Branch) -> bool:
    """Whether a branch does not go on: it raises, exits, or stops the server."""
    for part in branch.body:
        for node in below(part):
            if node.type == "atom" and match.text(node) == ":stop":
                return True
            call = match.read(node) if node.type == "call" else None
            if call is not None and (call.name in _ENDING) and call.module in {None, ":erlang", "Kernel"}:
                return True
    return False
