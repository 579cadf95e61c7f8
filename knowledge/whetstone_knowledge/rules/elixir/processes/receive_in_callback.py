"""WE121: a server that waits for a message of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.branches import branches, is_receive, section
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match


class ReceiveInCallback(ElixirRule):
    """Waits with `receive` inside a callback of a GenServer.

    While it waits, the server answers nobody, and calls to it run into their timeout. The messages of a GenServer also
    arrive in that mailbox: a wide pattern takes calls, casts and system messages away from it, and a narrow one walks
    past all that have piled up. What is awaited is a message like any other: remember in the state what is waited for,
    return, and go on in `handle_info/2`; a caller gets its answer then by `GenServer.reply/2`.

    The rule stays quiet for `after 0`, which only takes what is there already, in code that another process runs, such
    as a task, and in functions that a callback calls.
    """

    code = "WE121"
    title = "Return, and go on in `handle_info/2`"
    message = "The server answers nobody while it waits in `receive`, which may also take messages meant for GenServer"
    severity = "high"
    weight = 45
    fix = "none"
    template = "gen-statem"
    words = ("receive",)
    before = """
        defmodule Lookup do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_call({:find, key}, _from, state) do
            send(state.backend, {:find, self(), key})

            receive do
              {:found, value} -> {:reply, value, state}
            after
              1_000 -> {:reply, :error, state}
            end
          end
        end
    """
    after = ""
    quiet = (
        """
        defmodule Lookup do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_info({:cancel, timer}, state) do
            Process.cancel_timer(timer)

            receive do
              {:timeout, ^timer, _message} -> :ok
            after
              0 -> :ok
            end

            {:noreply, state}
          end
        end
        """,
        """
        defmodule Lookup do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_cast({:find, key}, state) do
            Task.Supervisor.start_child(state.tasks, fn ->
              send(state.backend, {:find, self(), key})

              receive do
                {:found, value} -> value
              after
                1_000 -> :error
              end
            end)

            {:noreply, state}
          end
        end
        """,
        """
        defmodule Loop do
          def handle_info(:go, state) do
            receive do
              :stop -> state
            end
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a callback waits here."""
        call = match.call
        if call is None or not is_receive(call) or not match.in_callback or _only_looks(match, call):
            return False
        match.underline(match.leaf)
        return True


def _only_looks(match: Match, call: Call) -> bool:
    """Whether a `receive` takes only what has arrived already."""
    after = section(call.block, "after") if call.block is not None else None
    timeouts = [match.text(branch.patterns[0]) for branch in branches(after)] if after is not None else []
    return timeouts == ["0"]
