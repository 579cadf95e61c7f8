"""WE114: a task whose answer nobody takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import is_dropped
from whetstone_knowledge.elixir.calls import items, operands
from whetstone_knowledge.elixir.match import Replacement
from whetstone_knowledge.elixir.servers import message_clauses, takes_all
from whetstone_knowledge.elixir.supervising import supervised_task
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match
    from whetstone_knowledge.elixir.modules import Clause

_TAKES_ANSWER = re.compile(r"\b(?:await|await_many|yield|yield_many|shutdown|ignore|receive)\b")
_ASYNC = frozenset({"async", "async_nolink"})


class TaskNeverAwaited(ElixirRule):
    """Starts a task with `Task.async` and never takes its answer.

    The answer is sent all the same and stays in the mailbox of the caller; a GenServer gets it as a message that it may
    not know. The task is linked to the caller and monitored by it, so that a crash of the one ends the other, for an
    answer that nobody wanted.

    The rule stays quiet where the function awaits, yields to or shuts down any task, or receives, where the task is
    returned, stored or handed on, and where a clause of `handle_info/2` takes `{ref, answer}` or any message. Whatever
    is done in another file is not seen.

    The rewrite starts a task that sends no answer, under a supervisor; `{Task.Supervisor, name: …}` has to be among the
    children of the application.
    """

    code = "WE114"
    title = "Start a task that sends no answer"
    message = "Nobody takes the answer of this task, which is sent to the caller all the same"
    severity = "high"
    weight = 60
    fix = "review"
    words = ("async", "async_nolink")
    before = """
        defmodule Shop.Mailer do
          def deliver(order) do
            Task.async(fn -> send_receipt(order) end)
            :ok
          end
        end
    """
    after = """
        defmodule Shop.Mailer do
          def deliver(order) do
            Task.Supervisor.start_child(Shop.TaskSupervisor, fn -> send_receipt(order) end)
            :ok
          end
        end
    """
    more = (
        (
            """
            defmodule Shop.Mailer do
              def deliver(orders) do
                Enum.each(orders, fn order ->
                  Task.Supervisor.async(Shop.Tasks, __MODULE__, :send_receipt, [order])
                end)
              end
            end
            """,
            """
            defmodule Shop.Mailer do
              def deliver(orders) do
                Enum.each(orders, fn order ->
                  Task.Supervisor.start_child(Shop.Tasks, __MODULE__, :send_receipt, [order])
                end)
              end
            end
            """,
        ),
        (
            """
            defmodule Shop.Mailer do
              def deliver(order) do
                _task = Task.async(fn -> send_receipt(order) end)
                :ok
              end
            end
            """,
            """
            defmodule Shop.Mailer do
              def deliver(order) do
                Task.Supervisor.start_child(Shop.TaskSupervisor, fn -> send_receipt(order) end)
                :ok
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Mailer do
          def deliver(orders) do
            tasks = Enum.map(orders, fn order -> Task.async(fn -> send_receipt(order) end) end)
            Enum.map(tasks, &Task.await/1)
          end
        end
        """,
        """
        defmodule Shop.Mailer do
          def deliver(order), do: Task.async(fn -> send_receipt(order) end)
        end
        """,
        """
        defmodule Shop.Mailer do
          def deliver(order, state) do
            task = Task.async(fn -> send_receipt(order) end)
            %{state | task: task}
          end
        end
        """,
        """
        defmodule Shop.Mailer do
          use GenServer

          def handle_cast({:deliver, order}, state) do
            Task.Supervisor.async_nolink(Shop.Tasks, fn -> send_receipt(order) end)
            {:noreply, state}
          end

          def handle_info({ref, answer}, state) when is_reference(ref), do: {:noreply, [answer | state]}
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a task is started that answers, and its answer is dropped here."""
        call, clause, module = match.call, match.clause, match.module
        if call is None or clause is None or module is None or not _is_async(call):
            return False
        if _TAKES_ANSWER.search(match.text(clause.node)) or any(map(_takes_answers, message_clauses(module))):
            return False
        return is_dropped(match, _statement(call)) and not _is_used(_statement(call), clause, match)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Start a task of which no answer is expected."""
        call = match.call
        if call is None:
            return
        statement = _statement(call)
        if statement != call.whole:
            yield Replacement(Span(statement.start_byte, call.whole.start_byte), "")
        if call.module == "Task.Supervisor":
            yield match.replaced(match.leaf, "start_child")
        else:
            yield from supervised_task(match, call)


def _is_async(call: Call) -> bool:
    if call.module == "Task.Supervisor":
        return call.name in _ASYNC and call.arity in {2, 3, 4, 5}
    return call.to("Task", "async", 1, 3)


def _takes_answers(clause: Clause) -> bool:
    """Whether a clause of `handle_info/2` may take `{ref, answer}`."""
    pattern = clause.parameters[0]
    inside = items(pattern) if pattern.type == "tuple" else []
    return takes_all(clause) or (len(inside) == 2 and inside[0].type != "atom")


def _statement(call: Call) -> Node:
    """Return the call with the name that it is bound to, if it is."""
    around = call.whole.parent
    sides = operands(around) if around is not None else None
    if around is not None and sides is not None and sides[1] == "=" and sides[0].type == "identifier":
        return around
    return call.whole


def _is_used(statement: Node, clause: Clause, match: Match) -> bool:
    """Whether the name that a task is bound to stands anywhere else in the function."""
    sides = operands(statement)
    if sides is None or sides[1] != "=":
        return False
    return len(re.findall(rf"\b{match.text(sides[0])}\b", match.text(clause.node))) > 1
