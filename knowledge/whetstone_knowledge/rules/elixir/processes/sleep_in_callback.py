"""WE107: a server that sleeps while messages wait."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.match import Match, Replacement

_SLEEPERS = frozenset({"Process", ":timer"})
_ENDS_ALL = re.compile(r"\b(?:System\.(?:halt|stop)|init\.stop)\b")


class SleepInCallback(ElixirRule):
    """Sleeps in a callback of a server, which handles nothing meanwhile.

    Calls wait for the pause as well and exit when it is longer than their time-out, the mailbox grows, and a supervisor
    that wants to stop the server waits until it has to kill it. A message to oneself leaves the server free until the
    time has come.

    The rule stays quiet in `terminate/2`, where the system is halted in the same function, and where another process
    sleeps. It sees the callback itself, not the functions that it calls.

    Only a pause before a message to oneself is rewritten. What else follows a pause has to become a message of its own.
    """

    code = "WE107"
    title = "Send the message later"
    message = "The server handles no message while it sleeps"
    severity = "high"
    weight = 60
    fix = "review"
    words = ("sleep",)
    before = """
        defmodule Poller do
          use GenServer

          @impl true
          def handle_info(:poll, state) do
            state = poll(state)
            Process.sleep(5_000)
            send(self(), :poll)
            {:noreply, state}
          end
        end
    """
    after = """
        defmodule Poller do
          use GenServer

          @impl true
          def handle_info(:poll, state) do
            state = poll(state)
            Process.send_after(self(), :poll, 5_000)
            {:noreply, state}
          end
        end
    """
    more = (
        (
            """
            defmodule Poller do
              use GenServer

              def handle_cast({:retry, job}, state) do
                unless done?(job) do
                  :timer.sleep(state.pause)
                  send(self(), {:retry, job})
                end

                {:noreply, state}
              end
            end
            """,
            """
            defmodule Poller do
              use GenServer

              def handle_cast({:retry, job}, state) do
                unless done?(job) do
                  Process.send_after(self(), {:retry, job}, state.pause)
                end

                {:noreply, state}
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Poller do
          use GenServer

          def handle_info(:stop, state) do
            Process.sleep(100)
            System.halt(0)
            {:noreply, state}
          end
        end
        """,
        """
        defmodule Poller do
          use GenServer

          def handle_info(:poll, state) do
            Task.start(fn ->
              Process.sleep(100)
              report(state)
            end)

            {:noreply, state}
          end
        end
        """,
        """
        defmodule Poller do
          use GenServer

          def wait, do: Process.sleep(100)
          def terminate(_reason, _state), do: Process.sleep(100)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a server's own process sleeps here, and goes on afterwards."""
        call, clause = match.call, match.clause
        if call is None or call.module not in _SLEEPERS or call.arity != 1 or clause is None or not match.in_callback:
            return False
        return clause.name != "terminate" and match.runs_here and not _ENDS_ALL.search(match.text(clause.node))

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Have the message that follows the pause sent when it is over."""
        call = match.call
        if call is None:
            return
        around = call.whole.parent
        siblings = around.named_children if around is not None else []
        place = siblings.index(call.whole) + 1 if call.whole in siblings else 0
        following = match.read(siblings[place]) if 0 < place < len(siblings) else None
        if (
            following is None
            or not match.is_kernel(following, "send", 2)
            or match.text(following.arguments[0]) != "self()"
        ):
            raise Refused("what follows the pause has to become a message of its own, with a clause that handles it")
        pause, message = call.arguments[0], following.arguments[1]
        if match.text(pause) == ":infinity":
            raise Refused("the pause has no end, so that nothing follows it")
        text = f"Process.send_after(self(), {match.text(message)}, {match.text(pause)})"
        yield match.replaced_from(call.whole, following.whole, text)
