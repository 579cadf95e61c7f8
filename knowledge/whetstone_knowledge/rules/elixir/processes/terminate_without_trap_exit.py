"""WE102: cleaning up that is not reached when the supervisor stops the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import statements
from whetstone_knowledge.elixir.calls import pairs
from whetstone_knowledge.elixir.match import Replacement
from whetstone_knowledge.elixir.servers import EXITS, may_take, message_clauses, with_messages
from whetstone_knowledge.rule import ElixirRule, Refused
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match
    from whetstone_knowledge.elixir.modules import Clause

_TRAPS = "Process.flag(:trap_exit, true)"


class TerminateWithoutTrapExit(ElixirRule):
    """Cleans up in `terminate/2`, which a supervisor's shutdown does not reach.

    A supervisor stops a child by an exit signal. A process that does not trap exits dies of it at once, and
    `terminate/2` is not called: what it would have saved or closed is lost with each deployment. It is called only when
    the server stops by itself or a callback raises, and never on `:kill`.

    The rule stays quiet where the module traps exits anywhere, where `terminate/2` only logs, and where it takes only
    reasons of the server's own. It sees this file only: a flag that is set in another one is not seen.

    With the flag set, the exits of linked processes come as messages; the clauses that are added for these do what
    would have happened without the flag.
    """

    code = "WE102"
    title = "Trap exits"
    message = "`terminate/2` is not called when the supervisor stops this server, which does not trap exits"
    severity = "medium"
    weight = 30
    fix = "mechanical"
    words = ("terminate",)
    needs_whole_module = True
    before = """
        defmodule Journal do
          use GenServer

          @impl true
          def init(path) do
            {:ok, File.open!(path, [:append])}
          end

          @impl true
          def handle_info({:line, line}, file) do
            IO.write(file, line)
            {:noreply, file}
          end

          @impl true
          def terminate(_reason, file) do
            File.close(file)
          end
        end
    """
    after = """
        defmodule Journal do
          use GenServer

          @impl true
          def init(path) do
            Process.flag(:trap_exit, true)
            {:ok, File.open!(path, [:append])}
          end

          @impl true
          def handle_info({:EXIT, _from, :normal}, state), do: {:noreply, state}
          def handle_info({:EXIT, _from, reason}, state), do: {:stop, reason, state}

          def handle_info({:line, line}, file) do
            IO.write(file, line)
            {:noreply, file}
          end

          @impl true
          def terminate(_reason, file) do
            File.close(file)
          end
        end
    """
    more = (
        (
            """
            defmodule Journal do
              use GenServer
              require Logger

              def init(path), do: {:ok, File.open!(path, [:append])}

              def terminate(_reason, file), do: File.close(file)
            end
            """,
            """
            defmodule Journal do
              use GenServer
              require Logger

              def init(path) do
                Process.flag(:trap_exit, true)
                {:ok, File.open!(path, [:append])}
              end

              def terminate(_reason, file), do: File.close(file)

              def handle_info({:EXIT, _from, :normal}, state), do: {:noreply, state}
              def handle_info({:EXIT, _from, reason}, state), do: {:stop, reason, state}

              def handle_info(message, state) do
                Logger.warning("#{inspect(__MODULE__)} ignored #{inspect(message)}")
                {:noreply, state}
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Journal do
          use GenServer

          def init(path) do
            Process.flag(:trap_exit, true)
            {:ok, File.open!(path, [:append])}
          end

          def terminate(_reason, file), do: File.close(file)
        end
        """,
        """
        defmodule Journal do
          use GenServer
          require Logger

          def init(path), do: {:ok, path}

          def terminate(reason, path) do
            Logger.info("#{path} is closed: #{inspect(reason)}")
            :ok
          end
        end
        """,
        """
        defmodule Journal do
          use GenServer

          def init(path), do: {:ok, File.open!(path, [:append])}
          def handle_cast(:close, file), do: {:stop, :normal, file}
          def terminate(:normal, file), do: File.close(file)
        end
        """,
        """
        defmodule Channel do
          use Phoenix.Channel

          def terminate(_reason, socket), do: Tracker.leave(socket)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether this is the first clause of a `terminate/2` that does something when the supervisor stops it."""
        clause, module = match.definition, match.module
        if clause is None or module is None or not module.is_callback(clause) or "trap_exit" in match.text(module.node):
            return False
        clauses = module.functions["terminate", 2]
        match.underline(clause.name_node)
        return clauses[0].node == clause.node and any(
            may_take(each, ":shutdown") and not _only_logs(each, match) for each in clauses
        )

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Set the flag first, and handle the exits of linked processes as if it were not set."""
        module = match.module
        if module is None:
            return
        starts = module.functions.get(("init", 1), ())
        if len(starts) != 1 or not starts[0].body:
            raise Refused("`init/1` does not begin in one place, so it is for you to say where the flag is set")
        yield _first_of_all(starts[0], match)
        if not any(_names_exits(clause, match) for clause in message_clauses(module)):
            yield from with_messages(match, EXITS)


def _only_logs(clause: Clause, match: Match) -> bool:
    """Whether nothing of what a clause does outlives the process."""
    return all(_is_nothing_or_log(node, match) for node in statements(clause.body))


def _is_nothing_or_log(node: Node, match: Match) -> bool:
    call = match.read(node)
    if call is not None:
        return call.module == "Logger"
    return node.type in {"atom", "nil", "boolean", "tuple", "identifier"}


def _first_of_all(clause: Clause, match: Match) -> Replacement:
    """Return what has a function set the flag before it does anything else."""
    first = clause.body[0]
    if len(clause.body) > 1 or first.parent is None or first.parent.type != "pair":
        return match.inserted(first.start_byte, f"{_TRAPS}\n{match.indent(first)}")
    value = match.text(first)
    given = next(child for child in clause.node.named_children if child.type == "arguments")
    if "\n" in value or len(list(pairs(given))) > 1:
        raise Refused("`init/1` would have to be laid out anew; write it with `do … end` first")
    head = clause.guard or given.named_children[0]
    text = match.indented(f" do\n    {_TRAPS}\n    {value}\n  end", clause.node)
    return Replacement(Span(head.end_byte, clause.node.end_byte), text)


def _names_exits(clause: Clause, match: Match) -> bool:
    return ":EXIT" in match.text(clause.parameters[0])
