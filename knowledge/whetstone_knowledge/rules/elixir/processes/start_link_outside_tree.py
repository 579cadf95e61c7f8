"""WE116: a server started by whoever happens to need it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.supervising import supervisor_for
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.match import Match, Replacement

_STARTS = ("start", "init", "child_spec", "main")
"""What the names of functions begin with whose business it is to start something."""


_STOPS = re.compile(r"\.stop\b")


class StartLinkOutsideTree(ElixirRule):
    """Starts a linked process in the middle of a function, outside of the supervision tree.

    The process hangs on whoever called: when that ends, so does the process, and when the process crashes, it takes the
    caller along instead of being started again. It shows in no tree, and is not stopped in order.

    The rule stays quiet in functions whose names begin with `start`, `init` or `child_spec`, in `main`, in those that
    stop a process as well, in supervisors, applications and tasks of Mix, and for `Task.start_link/1`.

    The rewrite needs `{DynamicSupervisor, name: …}` among the children of the application. It keeps what is returned,
    and cuts the link to the caller.
    """

    code = "WE116"
    title = "Have a supervisor start it"
    message = "The process hangs on whoever calls this: no supervisor starts it again or stops it in order"
    severity = "medium"
    weight = 30
    fix = "review"
    words = ("start_link",)
    before = """
        defmodule Shop.Checkout do
          def open(customer) do
            {:ok, cart} = Shop.Cart.start_link(customer)
            cart
          end
        end
    """
    after = """
        defmodule Shop.Checkout do
          def open(customer) do
            {:ok, cart} = DynamicSupervisor.start_child(Shop.DynamicSupervisor, {Shop.Cart, customer})
            cart
          end
        end
    """
    more = (
        (
            """
            defmodule Shop.Cart do
              use GenServer

              def start_link(customer), do: GenServer.start_link(__MODULE__, customer)

              def open(name), do: GenServer.start_link(__MODULE__, name)
            end
            """,
            """
            defmodule Shop.Cart do
              use GenServer

              def start_link(customer), do: GenServer.start_link(__MODULE__, customer)

              def open(name), do: DynamicSupervisor.start_child(Shop.DynamicSupervisor, {__MODULE__, name})
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Cart do
          use GenServer

          def start_link(customer), do: GenServer.start_link(__MODULE__, customer)
          def start_cart(customer), do: Shop.Cart.start_link(customer)
        end
        """,
        """
        defmodule Shop.Application do
          use Application

          def start(_type, _arguments), do: boot([Shop.Cart])

          defp boot(children), do: Supervisor.start_link(children, strategy: :one_for_one)
        end
        """,
        """
        defmodule Shop.Cart do
          def child(customer), do: %{id: customer, start: {__MODULE__, :start_link, [customer]}}
          def opener, do: &Shop.Cart.start_link/1
        end
        """,
        """
        defmodule Shop.Import do
          def run(rows) do
            {:ok, seen} = Agent.start_link(fn -> MapSet.new() end)
            result = Enum.map(rows, &import_row(&1, seen))
            Agent.stop(seen)
            result
          end
        end
        """,
        """
        defmodule Mix.Tasks.Shop.Import do
          def run(_arguments), do: Shop.Repo.start_link([])
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a process is linked to whoever calls a function that is not there to start it."""
        call, clause, module = match.call, match.clause, match.module
        if call is None or call.module in {None, "Task"} or clause is None or module is None:
            return False
        if module.is_supervisor or module.is_mix_task or clause.name.startswith(_STARTS):
            return False
        is_called = any(child.type == "arguments" for child in call.node.named_children)  # not so in `&f/1`
        return is_called and not _STOPS.search(match.text(clause.node))

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Have a dynamic supervisor start it by its child specification."""
        call, module = match.call, match.module
        if call is None or call.receiver is None or module is None:
            return
        started, arguments = match.text(call.receiver), [*map(match.text, call.arguments)]
        if call.module == "GenServer":
            started = arguments.pop(0)
            if started != "__MODULE__" or not module.reached_by("start_link", len(arguments)):
                raise Refused("the module has no `start_link` that a supervisor could call with the same arguments")
        if len(arguments) != 1 or call.module == "Supervisor":
            raise Refused("a child specification hands over one argument; give `start_link` one first")
        supervisor = supervisor_for(match, "DynamicSupervisor")
        text = f"DynamicSupervisor.start_child({supervisor}, {{{started}, {arguments[0]}}})"
        yield match.replaced(call.whole, text)
