"""WE112: a process of which nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.supervising import supervised_task, with_pid
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.match import Match, Replacement

_ARITIES = (1, 3)


class BareSpawn(ElixirRule):
    """Starts a process with `spawn` or `spawn_link`, outside of every supervisor.

    Nobody waits for it when the application stops, no list shows it, and its crash report says nothing of who started
    it. A supervisor of tasks knows its children, stops them in order, and their crashes name the caller.

    The rule stays quiet for `spawn_monitor`, whose caller watches the process, in functions that are themselves a
    `start_link`, in tasks of Mix, and where `spawn` is a function of the module itself.

    The rewrite needs `{Task.Supervisor, name: …}` among the children of the application. A link is not rewritten: it
    ends each side with the other, and which of the two is to go on is for you to say.
    """

    code = "WE112"
    title = "Start it under a supervisor"
    message = "No supervisor knows the process that `{function}` starts"
    severity = "medium"
    weight = 30
    fix = "review"
    words = ("spawn", "spawn_link")
    before = """
        defmodule Shop.Mailer do
          def deliver(order) do
            spawn(fn -> send_receipt(order) end)
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
              def deliver(order) do
                order = checked(order)
                spawn(fn -> send_receipt(order, from: "shop@example.com") end)
                :ok
              end
            end
            """,
            """
            defmodule Shop.Mailer do
              def deliver(order) do
                order = checked(order)

                Task.Supervisor.start_child(Shop.TaskSupervisor, fn ->
                  send_receipt(order, from: "shop@example.com")
                end)

                :ok
              end
            end
            """,
        ),
        (
            """
            defmodule Shop.Mailer do
              def deliver(orders) do
                pid = spawn(Shop.Mailer, :run, [orders])
                {:ok, pid}
              end

              def children, do: [{Task.Supervisor, name: Shop.Tasks}]
            end
            """,
            """
            defmodule Shop.Mailer do
              def deliver(orders) do
                {:ok, pid} = Task.Supervisor.start_child(Shop.Tasks, Shop.Mailer, :run, [orders])
                {:ok, pid}
              end

              def children, do: [{Task.Supervisor, name: Shop.Tasks}]
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Mailer do
          def deliver(order), do: spawn_monitor(fn -> send_receipt(order) end)
        end
        """,
        """
        defmodule Shop.Mailer do
          def start_link(order), do: {:ok, spawn_link(fn -> send_receipt(order) end)}
        end
        """,
        """
        defmodule Shop.Mailer do
          def deliver(order), do: spawn(order)

          defp spawn(order), do: Queue.push(order)
        end
        """,
        """
        defmodule Mix.Tasks.Shop.Watch do
          def run(_arguments), do: spawn(fn -> Shop.watch() end)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a process is started that no supervisor knows."""
        call, clause, module = match.call, match.clause, match.module
        if call is None or clause is None or module is None or module.is_mix_task:
            return False
        if not match.is_kernel(call, call.name, *_ARITIES) or clause.name == "start_link":
            return False
        match.also("function", match.leaf)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Start a task under the application's supervisor for tasks."""
        call = match.call
        if call is None:
            return
        if call.name == "spawn_link":
            raise Refused("the link ends each process with the other; which of the two is to go on is for you to say")
        yield from with_pid(match, call)
        yield from supervised_task(match, call)
