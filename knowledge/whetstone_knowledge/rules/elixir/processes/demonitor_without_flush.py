"""WE136: a monitor taken away whose last message may still come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.match import Match, Replacement


class DemonitorWithoutFlush(ElixirRule):
    """Takes a monitor away, and leaves a `:DOWN` that came just before in the mailbox.

    When the other process ended a moment earlier, its message is there already, and `Process.demonitor/1` does not take
    it out. It arrives after all: a server handles an end that it had done with, or dies of a message that it has no
    clause for; any other process carries it in its mailbox.

    The rule stays quiet where options are given, and where the function takes the `:DOWN` out itself.

    With the rewrite that message is gone. `[:flush]` looks through the mailbox for it, only where the monitor was not
    active any more.
    """

    code = "WE136"
    title = "Take its message out as well"
    message = "A `:DOWN` that came just before stays in the mailbox and arrives after all"
    severity = "medium"
    weight = 30
    fix = "mechanical"
    words = ("demonitor",)
    before = """
        defmodule Pool do
          def check_in(pool, ref) do
            Process.demonitor(ref)
            Map.delete(pool, ref)
          end
        end
    """
    after = """
        defmodule Pool do
          def check_in(pool, ref) do
            Process.demonitor(ref, [:flush])
            Map.delete(pool, ref)
          end
        end
    """
    more = (
        (
            """
            defmodule Pool do
              def check_in(pool, worker) do
                pool |> Map.fetch!(worker) |> Process.demonitor()
                Map.delete(pool, worker)
              end
            end
            """,
            """
            defmodule Pool do
              def check_in(pool, worker) do
                pool |> Map.fetch!(worker) |> Process.demonitor([:flush])
                Map.delete(pool, worker)
              end
            end
            """,
        ),
        (
            """
            defmodule Pool do
              def close(pool) do
                Enum.each(Map.keys(pool), &:erlang.demonitor(&1))
              end
            end
            """,
            """
            defmodule Pool do
              def close(pool) do
                Enum.each(Map.keys(pool), &:erlang.demonitor(&1, [:flush]))
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Pool do
          def check_in(pool, ref) do
            Process.demonitor(ref, [:flush])
            Map.delete(pool, ref)
          end
        end
        """,
        """
        defmodule Pool do
          def check_in(ref) do
            Process.demonitor(ref)

            receive do
              {:DOWN, ^ref, _, _, _} -> :ok
            after
              0 -> :ok
            end
          end
        end
        """,
        """
        defmodule Pool do
          alias Pool.Process

          def check_in(ref), do: Process.demonitor(ref)
        end
        """,
        """
        defmodule Pool do
          def check_in(ref), do: Process.demonitor(ref, [:info])
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a monitor is taken away, and nothing takes its message."""
        call = match.call
        if call is None or call.block is not None:
            return False
        return (call.to("Process", "demonitor", 1) or call.to(":erlang", "demonitor", 1)) and not _takes_it_out(match)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Ask for the flush."""
        call = match.call
        if call is not None:
            yield match.appended(call, "[:flush]")


def _takes_it_out(match: Match) -> bool:
    """Whether the function around receives a `:DOWN` itself."""
    clause = match.clause
    if clause is None or match.whole.source.find(b"receive", clause.node.start_byte, clause.node.end_byte) < 0:
        return False
    return any(match.text(node) == ":DOWN" for node in below(*clause.body))
