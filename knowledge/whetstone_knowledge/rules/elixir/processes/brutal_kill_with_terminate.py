"""WE130: a server that would tidy up, and is killed instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items, option
from whetstone_knowledge.elixir.children import listed_in
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement
    from whetstone_knowledge.elixir.modules import Module


class BrutalKillWithTerminate(ElixirRule):
    """Has a server killed by its supervisor that defines `terminate/2`.

    `shutdown: :brutal_kill` stops a child by a signal that cannot be trapped: whatever `terminate/2` would write, close
    or hand over when the application stops is lost.

    The rule stays quiet where `terminate/2` does nothing but return a value, and where the module of the child does not
    stand in this file.

    With the rewrite the supervisor waits for up to five seconds. `terminate/2` is called then if the server traps
    exits, so see that `init/1` says `Process.flag(:trap_exit, true)`.
    """

    code = "WE130"
    title = "Give it five seconds to stop"
    message = "A server that its supervisor kills never gets to its `terminate/2`"
    severity = "high"
    weight = 30
    fix = "mechanical"
    words = (":brutal_kill",)
    before = """
        defmodule Journal do
          use GenServer, shutdown: :brutal_kill

          @impl true
          def init(path) do
            Process.flag(:trap_exit, true)
            {:ok, File.open!(path, [:append])}
          end

          @impl true
          def terminate(_reason, file), do: File.close(file)
        end
    """
    after = """
        defmodule Journal do
          use GenServer, shutdown: 5_000

          @impl true
          def init(path) do
            Process.flag(:trap_exit, true)
            {:ok, File.open!(path, [:append])}
          end

          @impl true
          def terminate(_reason, file), do: File.close(file)
        end
    """
    more = (
        (
            """
            defmodule Journal do
              use GenServer

              def child_spec(path) do
                %{id: __MODULE__, start: {__MODULE__, :start_link, [path]}, shutdown: :brutal_kill}
              end

              def init(path), do: {:ok, File.open!(path, [:append])}
              def terminate(_reason, file), do: File.close(file)
            end
            """,
            """
            defmodule Journal do
              use GenServer

              def child_spec(path) do
                %{id: __MODULE__, start: {__MODULE__, :start_link, [path]}, shutdown: 5_000}
              end

              def init(path), do: {:ok, File.open!(path, [:append])}
              def terminate(_reason, file), do: File.close(file)
            end
            """,
        ),
        (
            """
            defmodule Journals do
              defmodule Journal do
                use GenServer

                def init(path), do: {:ok, File.open!(path, [:append])}
                def terminate(_reason, file), do: File.close(file)
              end

              def spec(path) do
                Supervisor.child_spec({Journal, path}, shutdown: :brutal_kill)
              end
            end
            """,
            """
            defmodule Journals do
              defmodule Journal do
                use GenServer

                def init(path), do: {:ok, File.open!(path, [:append])}
                def terminate(_reason, file), do: File.close(file)
              end

              def spec(path) do
                Supervisor.child_spec({Journal, path}, shutdown: 5_000)
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Counter do
          use GenServer, shutdown: :brutal_kill

          def init(count), do: {:ok, count}
        end
        """,
        """
        defmodule Counter do
          use GenServer, shutdown: :brutal_kill

          def init(count), do: {:ok, count}
          def terminate(_reason, _count), do: :ok
        end
        """,
        """
        defmodule Counters do
          use GenServer

          def init(count), do: {:ok, count}

          def child(count) do
            %{id: Counter, start: {Counter, :start_link, [count]}, shutdown: :brutal_kill}
          end

          def terminate(_reason, count), do: save(count)
        end
        """,
        """
        defmodule Counters do
          use GenServer

          def init(count), do: {:ok, count}
          def stop(task), do: Task.shutdown(task, :brutal_kill)
          def terminate(_reason, count), do: save(count)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether this is how a server is stopped that has something to do at its end."""
        module = _stopped(match)
        return module is not None and _tidies_up(module)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write the time that a worker has by default."""
        yield match.replaced(match.leaf, "5_000")


def _stopped(match: Match) -> Module | None:
    """Return the module of the server that is stopped so, if it stands in this text."""
    for node in reversed(match.ancestors):
        if node.type == "map" and option(node, "shutdown") == match.leaf:
            return _named(match, listed_in(node, match.whole).module)
        call = match.read(node) if node.type == "call" else None
        if call is None:
            continue
        if call.option("shutdown") != match.leaf:
            return None
        if call.is_local and call.name == "use" and match.resolved(call.arguments[0]) == "GenServer":
            return match.module
        is_spec = call.to("Supervisor", "child_spec")
        return _named(match, listed_in(node, match.whole).module) if is_spec else None
    return None


def _named(match: Match, name: str | None) -> Module | None:
    return next((module for module in match.whole.modules if module.name == name), None)


def _tidies_up(module: Module) -> bool:
    """Whether a module's `terminate/2` does more than return a value."""
    clauses = module.functions.get(("terminate", 2), ())
    return module.is_server and any(_does_something(node) for clause in clauses for node in clause.body)


def _does_something(node: Node) -> bool:
    return node.type not in {"atom", "identifier", "integer", "nil"} and bool(items(node))
