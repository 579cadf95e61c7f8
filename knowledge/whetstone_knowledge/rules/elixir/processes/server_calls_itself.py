"""WE108: a server that waits for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import straight
from whetstone_knowledge.elixir.calls import items, operands
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.elixir.waiting import calls_of
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement
    from whetstone_knowledge.elixir.modules import Clause

_SERVERS = frozenset({"GenServer", ":gen_server"})


class ServerCallsItself(ElixirRule):
    """Calls its own server in a callback, by `GenServer.call` or by a function of the module that does.

    The server handles one message at a time, so the call could never be answered. `GenServer.call` sees that and exits
    at once with `:calling_self`, which ends the server. A call of `self()` ends like that wherever it stands: in a
    function for others, `self()` is whoever calls it, not the server.

    The rule stays quiet where the call goes to a process that is handed in, where a function of the module calls the
    server only in some case, where another process makes the call, and for casts, for which nobody waits. It follows
    one step, from a callback to a function of the same module.

    The rewrite puts in what the clause that answers would have returned, where that depends on the state alone.
    """

    code = "WE108"
    title = "Use what the answer is made of"
    message = "`{call}` calls the process that this runs in, which exits with `:calling_self`"
    severity = "critical"
    weight = 90
    fix = "review"
    words = ("handle_call", "handle_cast", "handle_info", "handle_continue", "init", "call")
    before = """
        defmodule Cart do
          use GenServer

          def total(server \\\\ __MODULE__), do: GenServer.call(server, :total)

          @impl true
          def handle_call(:total, _from, lines), do: {:reply, sum(lines), lines}

          def handle_call(:receipt, _from, state) do
            {:reply, "Total: #{total()}", state}
          end
        end
    """
    after = """
        defmodule Cart do
          use GenServer

          def total(server \\\\ __MODULE__), do: GenServer.call(server, :total)

          @impl true
          def handle_call(:total, _from, lines), do: {:reply, sum(lines), lines}

          def handle_call(:receipt, _from, state) do
            {:reply, "Total: #{sum(state)}", state}
          end
        end
    """
    more = (
        (
            """
            defmodule Cart do
              use GenServer

              @server __MODULE__

              def handle_call(:lines, _from, %{lines: lines} = cart), do: {:reply, cart.lines, cart}

              def handle_info(:report, %{owner: owner} = state) do
                lines = GenServer.call(@server, :lines)
                send(owner, lines)
                {:noreply, state}
              end
            end
            """,
            """
            defmodule Cart do
              use GenServer

              @server __MODULE__

              def handle_call(:lines, _from, %{lines: lines} = cart), do: {:reply, cart.lines, cart}

              def handle_info(:report, %{owner: owner} = state) do
                lines = state.lines
                send(owner, lines)
                {:noreply, state}
              end
            end
            """,
        ),
        (
            """
            defmodule Cart do
              use GenServer

              def count(server \\\\ __MODULE__, kind)

              def count(server, kind) when is_atom(kind) do
                GenServer.call(server, :count)
              end

              def handle_call(:count, _from, lines), do: {:reply, length(lines), lines}

              def handle_cast(:show, lines) do
                IO.puts(count(:open))
                {:noreply, lines}
              end
            end
            """,
            """
            defmodule Cart do
              use GenServer

              def count(server \\\\ __MODULE__, kind)

              def count(server, kind) when is_atom(kind) do
                GenServer.call(server, :count)
              end

              def handle_call(:count, _from, lines), do: {:reply, length(lines), lines}

              def handle_cast(:show, lines) do
                IO.puts(length(lines))
                {:noreply, lines}
              end
            end
            """,
        ),
        (
            """
            defmodule Cart do
              use GenServer

              def handle_call(:count, _from, lines), do: {:reply, length(lines) + 1, lines}

              def handle_cast(:show, lines) do
                IO.puts(2 * (self() |> GenServer.call(:count)))
                {:noreply, lines}
              end
            end
            """,
            """
            defmodule Cart do
              use GenServer

              def handle_call(:count, _from, lines), do: {:reply, length(lines) + 1, lines}

              def handle_cast(:show, lines) do
                IO.puts(2 * (length(lines) + 1))
                {:noreply, lines}
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Cart do
          def total, do: GenServer.call(Cart, {:total, self()})
        end
        """,
        """
        defmodule Cart do
          use GenServer

          def total(server), do: GenServer.call(server, :total)

          def handle_call(:total, _from, other), do: {:reply, total(other), other}
        end
        """,
        """
        defmodule Cart do
          use GenServer

          def total do
            if Process.whereis(__MODULE__) == self() do
              0
            else
              GenServer.call(__MODULE__, :total)
            end
          end

          def handle_cast(:show, lines) do
            IO.puts(total())
            {:noreply, lines}
          end
        end
        """,
        """
        defmodule Cart do
          use GenServer

          def total, do: GenServer.call(__MODULE__, :total)
          def refresh, do: GenServer.cast(__MODULE__, :refresh)

          def handle_cast(:show, lines) do
            Task.start(fn -> IO.puts(total()) end)
            refresh()
            {:noreply, lines}
          end
        end
        """,
        """
        defmodule Cart do
          use GenServer

          def handle_call(:stock, _from, lines) do
            {:reply, GenServer.call(Shop.Stock, :all), lines}
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a callback calls its server (the first such call is underlined), or any process calls `self()`."""
        clause, module = match.definition, match.module
        if match.call is not None and match.call.module in _SERVERS:
            return _calls_own_pid(match.call, match)
        if clause is None or module is None or not module.is_callback(clause):
            return False
        for call in calls_of(clause, match.whole):
            message = _message(call, match)
            if message is not None:
                match.underline(call.whole)
                match.also("call", call.whole)
                match.also("message", message)
                return True
        return False

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Put in what the server would have answered."""
        clause = match.clause
        if clause is None or match.module is None or not match.module.is_callback(clause):
            raise Refused("`self()` is whoever calls this function, not the server; name the server")
        answer, names = _answer(match.node("message"), match)
        own = _state(clause.parameters[-1], match) if clause.name != "init" else None
        if names and own is None:
            raise Refused("the state has no name of its own here")
        text = _renamed(answer, dict.fromkeys(names, own or ""), match)
        around = match.here.parent
        sides = operands(around) if around is not None else None
        if operands(answer) is not None and sides is not None and sides[1] != "=":
            text = f"({text})"
        yield match.replaced(match.here, text)


def _calls_own_pid(call: Call, match: Match) -> bool:
    """Whether a call goes to `self()`, whoever that is."""
    if call.name != "call" or call.arity < 2 or match.text(call.arguments[0]) != "self()":
        return False
    match.underline(call.whole)
    match.also("call", call.whole)
    match.also("message", call.arguments[1])
    return True


def _message(call: Call, match: Match) -> Node | None:
    """Return what a call asks the server that makes it, by itself or through a function of the module."""
    module = match.module
    if module is None:
        return None
    if call.module in _SERVERS:
        return call.arguments[1] if _calls_self(call, {}, match) else None
    clauses = module.reached_by(call.name, call.arity) if call.is_local or call.module == module.name else ()
    if len(clauses) != 1 or module.is_callback(clauses[0]):
        return None
    given = _given(clauses[0], call, match)
    for node in straight(clauses[0].body):
        inner = match.read(node) if node.type == "call" else None
        if inner is not None and inner.module in _SERVERS and _calls_self(inner, given, match):
            return inner.arguments[1]
    return None


def _calls_self(call: Call, given: Mapping[str, Node], match: Match) -> bool:
    if call.name != "call" or call.arity < 2:
        return False
    server = call.arguments[0]
    return _is_self(given.get(match.text(server), server), match)


def _is_self(node: Node, match: Match) -> bool:
    """Whether a node stands for the process itself, or for the name that a server of this module has."""
    module = match.module
    text = match.text(node)
    if text.startswith("@") and module is not None:
        values = module.attributes.get(text.removeprefix("@"), ())
        return bool(values) and all(_is_self(value, match) for value in values)
    return text == "self()" or (module is not None and match.resolved(node) == module.name)


def _given(clause: Clause, call: Call, match: Match) -> Mapping[str, Node]:
    """Return what the parameters of a function stand for in a call, those that are left out included."""
    module = match.module
    clauses = module.functions[clause.name, clause.arity] if module is not None else [clause]
    head = min(clauses, key=lambda each: each.least_arity)  # only one of them has the defaults
    given, waiting = {}, list(call.arguments)
    optional = call.arity - head.least_arity
    for named, parameter in zip(clause.parameters, head.parameters, strict=True):
        default = operands(parameter)
        if default is None or default[1] != "\\\\":
            given[match.text(named)] = waiting.pop(0)
            continue
        name = default[0] if named == parameter else named
        given[match.text(name)] = waiting.pop(0) if optional > 0 else default[2]
        optional -= 1
    return given


def _answer(message: Node, match: Match) -> tuple[Node, frozenset[str]]:
    """Return what the server replies to a message, and the names in it, of which the state is the only one."""
    module = match.module
    clauses = module.functions.get(("handle_call", 3), ()) if module is not None else ()
    answering = [clause for clause in clauses if match.text(clause.parameters[0]) == match.text(message)]
    if message.type != "atom" or len(answering) != 1:
        raise Refused("what the server would answer is not said by one clause of `handle_call/3`")
    clause = answering[0]
    reply = items(clause.body[0]) if len(clause.body) == 1 and clause.body[0].type == "tuple" else []
    state = _state(clause.parameters[2], match)
    if len(reply) != 3 or match.text(reply[0]) != ":reply" or match.text(reply[2]) != state:
        raise Refused(f"the clause for `{match.text(message)}` does more than to answer from the state")
    names = frozenset(map(match.text, variables(reply[1])))
    if not names <= {state}:
        raise Refused(f"the clause for `{match.text(message)}` answers from more than the state")
    return reply[1], names


def _state(parameter: Node, match: Match) -> str | None:
    """Return the name under which a clause knows the state."""
    sides = operands(parameter)
    if sides is not None and sides[1] == "=":
        return _state(sides[0], match) or _state(sides[2], match)
    return match.text(parameter) if parameter.type == "identifier" else None


def _renamed(node: Node, names: Mapping[str, str], match: Match) -> str:
    """Return the text of an expression with other names for its variables."""
    text, at = "", node.start_byte
    for variable in variables(node):
        text += match.whole.source[at : variable.start_byte].decode() + names[match.text(variable)]
        at = variable.end_byte
    return text + match.whole.source[at : node.end_byte].decode()
