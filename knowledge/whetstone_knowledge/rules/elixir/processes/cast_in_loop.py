"""WE111: casts sent faster than anybody can take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import results
from whetstone_knowledge.elixir.calls import items
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.elixir.servers import may_take
from whetstone_knowledge.elixir.variables import bound_in
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement
    from whetstone_knowledge.elixir.modules import Clause


class CastInLoop(ElixirRule):
    """Casts to the same server for each item of a collection.

    Nothing slows down who sends: the loop runs as fast as it can, and what the server has not handled yet stands in its
    mailbox, in memory. A call waits for each item, and one message with all of them is handled in one go.

    The rule stays quiet where each item has a server of its own, and for a single cast. How long the collection is, it
    does not see.

    The rewrite calls instead, where the clause that handles the message stands in the same module; it gets a twin that
    answers. The caller waits then, and exits when the server does not answer in time.
    """

    code = "WE111"
    title = "Call, so that the server sets the pace"
    message = "Casts once for each item, however far behind the server is"
    severity = "medium"
    weight = 15
    fix = "review"
    words = ("cast",)
    before = """
        defmodule Counter do
          use GenServer

          def add_all(numbers) do
            Enum.each(numbers, fn number -> GenServer.cast(__MODULE__, {:add, number}) end)
          end

          @impl true
          def handle_cast({:add, number}, sum) do
            {:noreply, sum + number}
          end
        end
    """
    after = """
        defmodule Counter do
          use GenServer

          def add_all(numbers) do
            Enum.each(numbers, fn number -> GenServer.call(__MODULE__, {:add, number}) end)
          end

          @impl true
          def handle_call({:add, number}, _from, sum) do
            {:reply, :ok, sum + number}
          end

          @impl true
          def handle_cast({:add, number}, sum) do
            {:noreply, sum + number}
          end
        end
    """
    more = (
        (
            """
            defmodule Counter do
              use GenServer

              def add_all(server, numbers) do
                for number <- numbers, do: server |> GenServer.cast({:add, number})
              end

              def handle_call(:sum, _from, sum), do: {:reply, sum, sum}

              def handle_cast({:add, number}, sum), do: {:noreply, sum + number}
            end
            """,
            """
            defmodule Counter do
              use GenServer

              def add_all(server, numbers) do
                for number <- numbers, do: server |> GenServer.call({:add, number})
              end

              def handle_call({:add, number}, _from, sum), do: {:reply, :ok, sum + number}

              def handle_call(:sum, _from, sum), do: {:reply, sum, sum}

              def handle_cast({:add, number}, sum), do: {:noreply, sum + number}
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Counter do
          def stop_all(servers), do: Enum.each(servers, &GenServer.cast(&1, :stop))
        end
        """,
        """
        defmodule Counter do
          def stop_all(servers) do
            for {_id, server} <- servers, do: GenServer.cast(server, :stop)
          end
        end
        """,
        """
        defmodule Counter do
          def add(numbers) do
            Enum.each(numbers, fn number ->
              server = Registry.whereis_name({Counters, number})
              GenServer.cast(server, {:add, number})
            end)
          end
        end
        """,
        """
        defmodule Counter do
          def add(server, numbers), do: GenServer.cast(server, {:add, Enum.map(numbers, &(&1 + 1))})
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a loop casts to a server that is the same for each item."""
        call = match.call
        if call is None or not (call.to("GenServer", "cast", 2) or call.to(":gen_server", "cast", 2)):
            return False
        if not match.loops:
            return False
        server = call.arguments[0]
        changing = {name for loop in match.loops for name in bound_in(loop, match.whole)}
        return "&" not in match.text(server) and not any(match.text(name) in changing for name in variables(server))

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Call, and give the clause that handles the message a twin that answers."""
        call, module = match.call, match.module
        if call is None or module is None:
            raise Refused("the module of the server is another one")
        message = call.arguments[1]
        inside = items(message) if message.type == "tuple" else []
        tag, size = match.text(inside[0] if inside else message), len(inside)
        clauses = [clause for clause in module.functions.get(("handle_cast", 2), ()) if may_take(clause, tag, size)]
        calls = module.functions.get(("handle_call", 3), ())
        if len(clauses) != 1 or any(may_take(clause, tag, size) for clause in calls):
            raise Refused(f"no single clause of `handle_cast/2` of this module handles `{tag}`")
        twin = _answering(clauses[0], match)
        first = (calls or module.functions["handle_cast", 2])[0].node
        mark = f"@impl true\n{match.indent(first)}" if not calls and "impl" in module.attributes else ""
        yield match.replaced(match.leaf, "call")
        yield match.inserted(first.start_byte, f"{twin}\n\n{match.indent(first)}{mark}")


def _answering(clause: Clause, match: Match) -> str:
    """Return the clause of `handle_call/3` that does what one of `handle_cast/2` does."""
    outcomes = [items(node) if node.type == "tuple" else [] for node in results(clause.body)]
    if any(len(outcome) != 2 or match.text(outcome[0]) != ":noreply" for outcome in outcomes):
        raise Refused("the clause that handles the message has other outcomes than `{:noreply, state}`")
    changes: list[tuple[Node, str]] = [(outcome[0], ":reply, :ok") for outcome in outcomes]
    changes += [(clause.name_node, "handle_call"), (clause.parameters[1], f"_from, {match.text(clause.parameters[1])}")]
    text, at = "", clause.node.start_byte
    for node, new in sorted(changes, key=lambda change: change[0].start_byte):
        text += match.whole.source[at : node.start_byte].decode() + new
        at = node.end_byte
    return text + match.whole.source[at : clause.node.end_byte].decode()
