"""WE105: a server that makes its supervisor wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import statements
from whetstone_knowledge.elixir.calls import items
from whetstone_knowledge.elixir.servers import may_take
from whetstone_knowledge.elixir.waiting import NEARBY, NETWORK, calls_of, waits
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement
    from whetstone_knowledge.elixir.modules import Clause, Module

_SLOW = {**NETWORK, **NEARBY}


class BlockingInit(ElixirRule):
    """Waits for a file, a database, the network or another process in `init/1`.

    The supervisor starts its children one after the other and waits for each `init/1`: while this one waits, nothing
    that stands below it is started, and when it fails a few times, the supervisor gives up and takes the rest of the
    application with it.

    The rule stays quiet where a task does the waiting, or a function that is called later. It sees calls that stand in
    `init/1` itself, not those in the functions that it calls.

    The rewrite moves the work into `handle_continue/2`, which runs before any message is handled. The server is known
    as started before the work is done, and a failure ends it then, not its start.
    """

    code = "WE105"
    title = "Do the work in handle_continue/2"
    message = "The supervisor and all later children wait in `init/1` until `{call}` is done"
    severity = "high"
    weight = 60
    fix = "review"
    words = ("init",)
    before = """
        defmodule Rates do
          use GenServer

          @impl true
          def init(path) do
            Process.flag(:trap_exit, true)
            rates = File.read!(path)
            {:ok, %{path: path, rates: rates}}
          end
        end
    """
    after = """
        defmodule Rates do
          use GenServer

          @impl true
          def init(path) do
            Process.flag(:trap_exit, true)
            {:ok, path, {:continue, :load}}
          end

          @impl true
          def handle_continue(:load, path) do
            rates = File.read!(path)
            {:noreply, %{path: path, rates: rates}}
          end
        end
    """
    more = (
        (
            """
            defmodule Rates do
              use GenServer
              alias Shop.Repo

              def init(_options), do: {:ok, {:rates, Repo.all(Shop.Rate)}, 60_000}

              def handle_continue(:refresh, rates) do
                {:noreply, rates}
              end
            end
            """,
            """
            defmodule Rates do
              use GenServer
              alias Shop.Repo

              def init(_options), do: {:ok, nil, {:continue, :load}}

              def handle_continue(:load, _options) do
                {:noreply, {:rates, Repo.all(Shop.Rate)}, 60_000}
              end

              def handle_continue(:refresh, rates) do
                {:noreply, rates}
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Rates do
          use GenServer

          def init(path), do: {:ok, path, {:continue, :load}}
          def handle_continue(:load, path), do: {:noreply, File.read!(path)}
        end
        """,
        """
        defmodule Rates do
          use GenServer

          def init(path) do
            task = Task.async(fn -> File.read!(path) end)
            {:ok, task}
          end
        end
        """,
        """
        defmodule Rates do
          use GenServer

          def init(path) do
            server = self()
            Events.subscribe(fn event -> GenServer.call(server, event) end)
            {:ok, path}
          end
        end
        """,
        """
        defmodule Rates do
          use Supervisor

          def init(path) do
            Supervisor.init([{Rates.Server, File.read!(path)}], strategy: :one_for_one)
          end
        end
        """,
        """
        defmodule Rates do
          use GenServer
          alias Rates.File

          def init(path) do
            {:ok, %{path: path, rates: File.read(path), request: Req.new()}}
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a server's `init/1` waits for something; the first such call is underlined."""
        clause, module = match.definition, match.module
        if clause is None or module is None or not module.is_callback(clause) or clause.name != "init":
            return False
        slow = next((call for call in calls_of(clause, match.whole) if waits(call, _SLOW)), None)
        if slow is None:
            return False
        match.underline(slow.node)
        match.also("call", slow.node)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Let `init/1` return its argument, and do the rest when the supervisor has gone on."""
        clause, module = match.clause, match.module
        if clause is None or module is None:
            return
        present = module.functions.get(("handle_continue", 2), ())
        state = _parameter(clause, module, match)
        if any(may_take(each, ":load") for each in present):
            raise Refused("`handle_continue/2` takes `:load` already")
        moved = _moved(clause, match)
        first, last = moved[0], moved[-1]
        value = "nil" if state.startswith("_") else state
        yield match.replaced_from(first, last, f"{{:ok, {value}, {{:continue, :load}}}}")
        tag = items(last)[0]
        source = match.whole.source
        work = source[first.start_byte : tag.start_byte] + b":noreply" + source[tag.end_byte : last.end_byte]
        margin = match.indent(clause.node)
        text = f"def handle_continue(:load, {state}) do\n{margin}  {work.decode()}\n{margin}end"
        if present:
            yield match.inserted(present[0].node.start_byte, f"{text}\n\n{margin}")
        else:
            mark = f"@impl true\n{margin}" if "impl" in module.attributes else ""
            yield match.inserted(match.behind(clause.node), f"\n\n{margin}{mark}{text}")


def _parameter(clause: Clause, module: Module, match: Match) -> str:
    """Return the name of what `init/1` takes, which is to be the state until the work is done."""
    parameter = clause.parameters[0]
    if len(module.functions["init", 1]) > 1 or clause.guard is not None or parameter.type != "identifier":
        raise Refused("`init/1` takes its argument apart; name the whole of it, and take it apart in the body first")
    return match.text(parameter)


def _moved(clause: Clause, match: Match) -> Sequence[Node]:
    """Return the statements that can wait: all but the flags that are set first."""
    plain = statements(clause.body)
    outcome = items(plain[-1]) if plain[-1].type == "tuple" else []
    goes_on = len(outcome) == 3 and outcome[2].type == "tuple"  # {:ok, state, {:continue, term}}
    ends_well = len(outcome) in {2, 3} and match.text(outcome[0]) == ":ok" and not goes_on
    if len(plain) < len(clause.body) or not ends_well:
        raise Refused("`init/1` has more than one outcome; only one that ends with `{:ok, state}` can be split in two")
    kept = 0
    while (call := match.read(plain[kept])) is not None and call.to("Process", "flag"):
        kept += 1
    return plain[kept:]
