"""WE113: a task that no supervisor knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.supervising import supervised_task
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.match import Match, Replacement


class TaskStartedUnsupervised(ElixirRule):
    """Starts a task with `Task.start`, outside of every supervisor.

    `Task.start/1` neither links nor supervises: when the application stops, the task is cut off wherever it is, and
    nothing says how many of them run.

    The rule stays quiet for `Task.start_link/1`, for `Task.Supervisor`, and in tasks of Mix.

    The rewrite returns what `Task.start/1` does, and needs `{Task.Supervisor, name: …}` among the children of the
    application.
    """

    code = "WE113"
    title = "Start it under a supervisor"
    message = "No supervisor knows this task: when the application stops, it is cut off wherever it is"
    severity = "medium"
    weight = 30
    fix = "review"
    words = ("start",)
    before = """
        defmodule Shop.Mailer do
          def deliver(order) do
            Task.start(fn -> send_receipt(order) end)
          end
        end
    """
    after = """
        defmodule Shop.Mailer do
          def deliver(order) do
            Task.Supervisor.start_child(Shop.TaskSupervisor, fn -> send_receipt(order) end)
          end
        end
    """
    more = (
        (
            """
            defmodule Shop.Mailer do
              def deliver(order) do
                {:ok, pid} = Task.start(__MODULE__, :send, [order])
                pid
              end
            end
            """,
            """
            defmodule Shop.Mailer do
              def deliver(order) do
                {:ok, pid} = Task.Supervisor.start_child(Shop.TaskSupervisor, __MODULE__, :send, [order])
                pid
              end
            end
            """,
        ),
        (
            """
            defmodule Shop.Mailer do
              def deliver(receipt), do: receipt |> Task.start()
            end
            """,
            """
            defmodule Shop.Mailer do
              def deliver(receipt), do: Task.Supervisor.start_child(Shop.TaskSupervisor, receipt)
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Mailer do
          def start_link(order), do: Task.start_link(fn -> send_receipt(order) end)
        end
        """,
        """
        defmodule Shop.Mailer do
          alias Shop.Task

          def deliver(order), do: Task.start(fn -> send_receipt(order) end)
        end
        """,
        """
        defmodule Shop.Mailer do
          def deliver(order) do
            Task.Supervisor.start_child(Shop.Tasks, fn -> send_receipt(order) end)
          end
        end
        """,
        """
        defmodule Mix.Tasks.Shop.Watch do
          def run(_arguments), do: Task.start(fn -> Shop.watch() end)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a task is started without a link and without a supervisor."""
        call, module = match.call, match.module
        if call is None or not call.to("Task", "start", 1, 3) or match.clause is None:
            return False
        return module is not None and not module.is_mix_task

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Start it under the application's supervisor for tasks."""
        if match.call is not None:
            yield from supervised_task(match, match.call)
