"""WE126: the garbage collector, called by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match


class ForcedGarbageCollection(ElixirRule):
    """Calls the garbage collector by hand.

    A full collection copies all that is alive, and promotes it, so that later ones have more to look at; done for each
    message it is slower than the garbage it removes. An idle process is collected by `hibernate_after:` when it
    disturbs nobody, and heavy work now and then belongs into a task, whose heap is freed whole when it ends.

    The rule stays quiet where a comment on the same line, or right above it or its function, gives a reason: after a
    large and rare piece of work a collection can be right.
    """

    code = "WE126"
    title = "Hibernate when idle, or do the work in a task"
    message = "A forced collection copies all that is alive, and stops this process meanwhile"
    severity = "low"
    weight = 15
    fix = "none"
    template = "gen-server"
    words = ("garbage_collect",)
    before = """
        defmodule Cache do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_info(:maintenance, state) do
            :erlang.garbage_collect()
            {:noreply, state}
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Cache do
              def trim(pids) do
                Enum.each(pids, &:erlang.garbage_collect(&1))
              end
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Cache do
          def purge(table) do
            :ets.delete_all_objects(table)
            # Parsing the upload left hundreds of megabytes behind, once a day.
            :erlang.garbage_collect()
          end
        end
        """,
        """
        defmodule Cache do
          # Runs once, when all that the start has left behind is known to be garbage.
          def started, do: :erlang.garbage_collect()
        end
        """,
        """
        defmodule Cache do
          def purge(table) do
            Sweeper.garbage_collect(table)
          end
        end
        """,
        """
        defmodule Cache do
          def garbage_collect(table), do: :ets.delete_all_objects(table)
        end
        """,
        """
        defmodule Cache do
          def statistics, do: :erlang.statistics(:garbage_collection)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether the collector is called, and no comment says why."""
        call = match.call
        return call is not None and call.to(":erlang", "garbage_collect") and not _is_explained(match)


def _is_explained(match: Match) -> bool:
    """Whether a comment stands on the line of the word, or right above it or its function."""
    lines = match.whole.source.split(b"\n")
    row = match.leaf.start_point.row
    above = [row - 1] if match.clause is None else [row - 1, match.clause.node.start_point.row - 1]
    return b" # " in lines[row] or any(lines[each].lstrip().startswith(b"#") for each in above if each >= 0)
