"""WE119: messages to somebody else's server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match

_MESSAGES = {
    "GenServer": frozenset({"call", "cast"}),
    "Agent": frozenset({"cast", "get", "get_and_update", "update"}),
}


class ScatteredProcessInterface(ElixirRule):
    """Sends messages to the server of another module, in place of calling a function of that module.

    What a server understands is then written down in every module that talks to it: no function has its name, its
    types or its time-out, and a message cannot change without a search through the project. An Agent is worse: everyone
    who reaches into it decides what its state looks like.

    The rule stays quiet where the server's module is inside the one that speaks, or is defined in the same file, where
    the process is started by that name in the same file, and for a pid or a name in a variable. It sees this file only:
    whether the other module has a function for this, it does not know.

    There is no rewrite here: the function that should do it belongs into the other module.
    """

    code = "WE119"
    title = "Call a function of the server's own module"
    message = "`{server}` should have a function for this, which knows the message and the time-out"
    severity = "medium"
    weight = 30
    fix = "none"
    words = ("call", "cast", "get", "get_and_update", "update")
    before = """
        defmodule Shop.Checkout do
          def total(customer) do
            GenServer.call(Shop.Cart, {:total, customer})
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Shop.Checkout do
              alias Shop.Stock

              def take(sku), do: Stock |> Agent.update(&Map.update!(&1, sku, fn count -> count - 1 end))
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Shop.Cart do
          use GenServer

          def total(customer), do: GenServer.call(__MODULE__, {:total, customer})
          def clear(customer), do: GenServer.cast(Shop.Cart, {:clear, customer})
        end
        """,
        """
        defmodule Shop.Checkout do
          def total(cart), do: GenServer.call(cart, :total)
          def stock(sku), do: Map.get(Shop.Stock.all(), sku)
          def take(sku), do: Shop.Stock.update(sku, -1)
        end
        """,
        """
        defmodule Shop.Cart do
          def total(customer), do: GenServer.call(Shop.Cart.Server, {:total, customer})
        end
        """,
        """
        defmodule Shop.Counter do
          def start_link(_options), do: Agent.start_link(fn -> 0 end, name: Shop.Count)
          def next, do: Agent.get_and_update(Shop.Count, &{&1, &1 + 1})
        end
        """,
        """
        defmodule Shop.Cart do
          def total(customer), do: GenServer.call(Server, {:total, customer})
        end

        defmodule Server do
          use GenServer

          def init(state), do: {:ok, state}
        end
        """,
        """
        defmodule Shop.Supervisor do
          use Supervisor

          def init(_options), do: Supervisor.init([{Agent, fn -> 0 end}], strategy: :one_for_one)
          def find(key), do: Registry.lookup(Shop.Registry, key)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a message goes to a server that is known by the name of a module that is not at hand."""
        call, module = match.call, match.module
        if call is None or module is None or call.name not in _MESSAGES.get(call.module or "", ()):
            return False
        server = call.arguments[0] if call.arguments else None
        if server is None or server.type != "alias":
            return False
        name = match.resolved(server)
        match.also("server", server)
        return not (_is_inside(name, module.name) or _is_at_hand(name, match))


def _is_inside(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


def _is_at_hand(name: str, match: Match) -> bool:
    """Whether the text defines a module, or starts a process, by a name."""
    if any(each.name == name for each in match.whole.modules):
        return True
    short = re.escape(name.rpartition(".")[2])
    return re.search(rf"\bname: (?:[\w.]+\.)?{short}\b".encode(), match.whole.source) is not None
