"""WE125: a timer that keeps itself going, started once more by whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items, operands
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match
    from whetstone_knowledge.elixir.modules import Clause, Module

_ASKED = frozenset({("handle_call", 3), ("handle_cast", 2)})


class TimerArmedTwice(ElixirRule):
    """Arms a timer in a call or cast whose message arms it again by itself.

    A clause of `handle_info/2` that arms the timer it was sent by goes on for ever. Each call or cast that arms it as
    well begins one more such chain: after ten of them the work is done eleven times as often, and nothing ends it.

    The rule stays quiet where a timer is cancelled anywhere in the module, and where the reference of one is kept. It
    follows calls of the module's own functions, and sees this file only.
    """

    code = "WE125"
    title = "Keep the reference, and cancel it before arming anew"
    message = "Each time this begins one more chain of `{message}`, which arms itself again"
    severity = "low"
    weight = 30
    fix = "none"
    template = "gen-server"
    words = ("send_after", "start_timer")
    needs_whole_module = True
    before = """
        defmodule Feed do
          use GenServer

          def init(state) do
            Process.send_after(self(), :poll, 5_000)
            {:ok, state}
          end

          def handle_cast(:refresh, state) do
            Process.send_after(self(), :poll, 0)
            {:noreply, state}
          end

          def handle_info(:poll, state) do
            Process.send_after(self(), :poll, 5_000)
            {:noreply, poll(state)}
          end

          defp poll(state), do: state
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Feed do
              use GenServer

              def init(state), do: {:ok, schedule(state)}
              def handle_call(:refresh, _from, state), do: {:reply, :ok, poll(state)}
              def handle_info(:poll, state), do: {:noreply, poll(state)}

              defp poll(state), do: schedule(state)

              defp schedule(state) do
                Process.send_after(self(), :poll, 5_000)
                state
              end
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Feed do
          use GenServer

          def init(state) do
            Process.send_after(self(), :poll, 5_000)
            {:ok, state}
          end

          def handle_info(:poll, state) do
            Process.send_after(self(), :poll, 5_000)
            {:noreply, state}
          end
        end
        """,
        """
        defmodule Feed do
          use GenServer

          def init(state), do: {:ok, schedule(state)}

          def handle_cast(:refresh, state) do
            Process.cancel_timer(state.timer)
            {:noreply, schedule(state)}
          end

          def handle_info(:poll, state), do: {:noreply, schedule(state)}

          defp schedule(state) do
            %{state | timer: Process.send_after(self(), :poll, 5_000)}
          end
        end
        """,
        """
        defmodule Feed do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_cast({:expire, key}, state) do
            Process.send_after(self(), {:expired, key}, 5_000)
            {:noreply, state}
          end

          def handle_info({:expired, key}, state), do: {:noreply, Map.delete(state, key)}
        end
        """,
        """
        defmodule Feed do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_cast(:start, state) do
            Process.send_after(self(), :poll, 0)
            {:noreply, state}
          end

          def handle_info(:poll, state) do
            Process.send_after(self(), :check, 5_000)
            {:noreply, state}
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether somebody from outside has a timer armed here that the handling of its message arms as well."""
        module, clause = match.module, match.clause
        message = _armed(match, match.call.node) if match.call is not None else None
        if message is None or module is None or clause is None or not module.is_server:
            return False
        if b"cancel_timer" in (module.node.text or b"") or _is_kept(match):
            return False
        match.also("message", message)
        asked = (each for each in module.clauses if (each.name, each.arity) in _ASKED)
        if not any(clause.node == other.node for each in asked for other in module.reached_from(each)):
            return False
        text = match.text(message)
        handling = [each for each in module.functions.get(("handle_info", 2), ()) if _handles(match, each, text)]
        return any(text in _messages(match, module, each) for each in handling)


def _handles(match: Match, clause: Clause, message: str) -> bool:
    pattern = clause.parameters[0]
    sides = operands(pattern)
    return match.text(sides[0] if sides is not None and sides[1] == "=" else pattern) == message


def _messages(match: Match, module: Module, clause: Clause) -> Iterator[str]:
    """Yield the messages that a clause, or what it calls in the module, has sent to itself later."""
    for each in module.reached_from(clause):
        for node in below(*each.body):
            message = _armed(match, node)
            if message is not None:
                yield match.text(message)


def _armed(match: Match, node: Node) -> Node | None:
    """Return the message that a call has sent to the process itself later."""
    call = match.read(node) if node.type == "call" else None
    if call is None or call.piped or call.arity < 3:
        return None
    if call.to("Process", "send_after"):
        target, message = call.arguments[0], call.arguments[1]
    elif call.to(":erlang", "send_after") or call.to(":erlang", "start_timer"):
        target, message = call.arguments[1], call.arguments[2]
    else:
        return None
    return message if match.text(target) in {"self()", "__MODULE__"} else None


def _is_kept(match: Match) -> bool:
    """Whether the reference of the timer is used: it is not a statement before others."""
    path = match.ancestors
    for depth, node in enumerate(path):
        if match.call is not None and node == match.call.node:
            around = path[depth - 1]
            return around.type not in {"do_block", "body"} or items(around)[-1] == node
    return True
