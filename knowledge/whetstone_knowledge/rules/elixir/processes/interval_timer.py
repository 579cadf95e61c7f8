"""WE124: a timer that goes on while the work of the last beat is not done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.match import Replacement, variables
from whetstone_knowledge.rule import ElixirRule, Refused
from whetstone_knowledge.spans import Span
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match
    from whetstone_knowledge.elixir.modules import Clause, Module


_CALL_AND_CLAUSE = 2
"""Places at which the message of a timer stands: where it is started, and where it is handled."""


class IntervalTimer(ElixirRule):
    """Has a server sent a message at each interval, whether or not it is done with the last one.

    Work that takes longer than the interval fills the mailbox: with 5 ms of interval and 40 ms of work, 174 messages
    were waiting after one second. A timer that is armed again by the message it sent can be behind by one at most.

    The rule stays quiet outside of GenServers, and where another process is to get the message.

    With the rewrite the pause is counted from the handling of one message to the sending of the next, so the beats
    drift by what the work takes.
    """

    code = "WE124"
    title = "Arm the timer again for each message"
    message = "Messages pile up when the work takes longer than the interval"
    severity = "high"
    weight = 45
    fix = "review"
    words = ("send_interval", "apply_interval")
    before = """
        defmodule Sweeper do
          use GenServer

          @impl true
          def init(state) do
            :timer.send_interval(5_000, :sweep)
            {:ok, state}
          end

          @impl true
          def handle_info(:sweep, state) do
            state = sweep(state)
            {:noreply, state}
          end

          defp sweep(state), do: state
        end
    """
    after = """
        defmodule Sweeper do
          use GenServer

          @impl true
          def init(state) do
            Process.send_after(self(), :sweep, 5_000)
            {:ok, state}
          end

          @impl true
          def handle_info(:sweep, state) do
            state = sweep(state)
            Process.send_after(self(), :sweep, 5_000)
            {:noreply, state}
          end

          defp sweep(state), do: state
        end
    """
    more = (
        (
            """
            defmodule Sweeper do
              use GenServer

              @interval 5_000

              def init(state) do
                {:ok, _timer} = :timer.send_interval(@interval, self(), {:sweep, :all})
                {:ok, state}
              end

              def handle_info({:sweep, :all}, state), do: {:noreply, sweep(state)}

              defp sweep(state), do: state
            end
            """,
            """
            defmodule Sweeper do
              use GenServer

              @interval 5_000

              def init(state) do
                Process.send_after(self(), {:sweep, :all}, @interval)
                {:ok, state}
              end

              def handle_info({:sweep, :all}, state) do
                Process.send_after(self(), {:sweep, :all}, @interval)
                {:noreply, sweep(state)}
              end

              defp sweep(state), do: state
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Sweeper do
          use GenServer

          def init(state) do
            Process.send_after(self(), :sweep, 5_000)
            {:ok, state}
          end
        end
        """,
        """
        defmodule Page do
          use Phoenix.LiveView

          def mount(_params, _session, socket) do
            :timer.send_interval(1_000, self(), :tick)
            {:ok, socket}
          end
        end
        """,
        """
        defmodule Starter do
          use GenServer

          def init(worker) do
            :timer.send_interval(1_000, worker, :tick)
            {:ok, worker}
          end
        end
        """,
        """
        defmodule Sweeper do
          use GenServer

          def init(state) do
            send_interval(5_000, :sweep)
            {:ok, state}
          end

          defp send_interval(_pause, _message), do: :ok
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a server has the timer module send something to itself, or call something, again and again."""
        call, module = match.call, match.module
        if call is None or call.module != ":timer" or module is None or not module.is_server:
            return False
        if call.name == "send_interval" and call.arity == 3:
            return match.text(call.arguments[1]) in {"self()", "__MODULE__"}
        return call.arity in {2, 4}

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Arm a timer in its place, and once more where its message is handled."""
        call, module = match.call, match.module
        if call is None or module is None:
            return
        if call.name == "apply_interval":
            raise Refused("what is to be called at each interval has to become a message first")
        if call.piped:
            raise Refused("the interval is piped in; write it between the brackets first")
        pause, message = call.arguments[0], call.arguments[-1]
        if list(variables(pause)) or list(variables(message)):
            raise Refused("the interval or the message is known only where the timer is started")
        if sum(match.text(node) == match.text(message) for node in below(module.node)) > _CALL_AND_CLAUSE:
            raise Refused("the message stands elsewhere too; where it is sent as well, each would arm a timer more")
        armed = f"Process.send_after(self(), {match.text(message)}, {match.text(pause)})"
        yield match.replaced(_statement(match, call.node), armed)
        yield from _armed_again(match, _handler(match, module, message), armed)


def _statement(match: Match, node: Node) -> Node:
    """Return the statement that starts the timer; raises `Refused` where the timer is kept."""
    path = match.whole.path_to(node)
    around = path[-1]
    if around.type in {"do_block", "body"}:
        return node
    kept = around.child_by_field_name("left") if around.type == "binary_operator" else None
    is_statement = len(path) > 1 and path[-2].type in {"do_block", "body"}
    if kept is None or not is_statement or not match.text(kept).startswith(("{:ok, _", "_ ")):
        raise Refused("the timer is kept, perhaps to be cancelled; its one message has to be kept instead")
    return around


def _handler(match: Match, module: Module, message: Node) -> Clause:
    """Return the clause that handles a message; raises `Refused` where that is not one."""
    clauses = module.functions.get(("handle_info", 2), ())
    found = [clause for clause in clauses if match.text(clause.parameters[0]) == match.text(message)]
    if len(found) != 1 or not found[0].body:
        raise Refused(f"there is not one clause of `handle_info/2` for `{match.text(message)}` to arm the timer in")
    return found[0]


def _armed_again(match: Match, clause: Clause, armed: str) -> Iterator[Replacement]:
    """Yield what has a clause arm the timer before it returns."""
    last = clause.body[-1]
    if last.type.endswith("_block"):
        raise Refused("the clause that handles the message has a `rescue` or `after`; arm the timer there by hand")
    block = next((child for child in clause.node.named_children if child.type == "do_block"), None)
    if block is not None:
        yield match.inserted(last.start_byte, f"{armed}\n{match.indent(last)}")
        return
    head = clause.guard or clause.node.named_children[-1].named_children[0]
    indent = match.indent(clause.node)
    body = match.text(last)
    if "\n" in body:
        raise Refused("the clause that handles the message has its body behind `do:`; give it a `do … end` first")
    text = f" do\n{indent}  {armed}\n{indent}  {body}\n{indent}end"
    yield Replacement(Span(head.end_byte, clause.node.end_byte), text)
