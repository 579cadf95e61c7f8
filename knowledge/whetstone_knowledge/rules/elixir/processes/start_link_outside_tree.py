"""WE116: a server started by whoever happens to need it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.supervising import laid_out, supervisor_for
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement

_STARTS = ("start", "init", "child_spec", "main")
"""What the names of functions begin with whose business it is to start something."""


_STOPS = re.compile(r"\.stop\b")


class StartLinkOutsideTree(ElixirRule):
    """Starts a linked process in the middle of a function, outside of the supervision tree.

    The process hangs on whoever called: when that ends, so does the process, and when the process crashes, it takes the
    caller along instead of being started again. It shows in no tree, and is not stopped in order.

    The rule stays quiet in functions whose names begin with `start`, `init` or `child_spec`, in `main`, in those that
    stop a process as well, in supervisors, applications and tasks of Mix, where the module of a server starts its own,
    and for `Task.start_link/1`.

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
            defmodule Shop.Checkout do
              def open(id) do
                GenServer.start_link(Shop.Cart, id, name: {:global, id})
              end

              def children, do: [{DynamicSupervisor, name: Shop.Carts}]
            end
            """,
            """
            defmodule Shop.Checkout do
              def open(id) do
                DynamicSupervisor.start_child(Shop.Carts, %{
                  id: Shop.Cart,
                  start: {GenServer, :start_link, [Shop.Cart, id, [name: {:global, id}]]}
                })
              end

              def children, do: [{DynamicSupervisor, name: Shop.Carts}]
            end
            """,
        ),
        (
            """
            defmodule Shop.Checkout do
              def open(id) do
                {:ok, cart} = GenServer.start_link(Shop.Cart, id)
                cart
              end
            end
            """,
            """
            defmodule Shop.Checkout do
              def open(id) do
                {:ok, cart} =
                  DynamicSupervisor.start_child(Shop.DynamicSupervisor, %{
                    id: Shop.Cart,
                    start: {GenServer, :start_link, [Shop.Cart, id]}
                  })

                cart
              end
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
          def open(customer), do: GenServer.start_link(__MODULE__, customer, name: Shop.Cart)
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
        return is_called and not _is_own(call, match) and not _STOPS.search(match.text(clause.node))

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Have a dynamic supervisor start it, with the same arguments."""
        call = match.call
        if call is None or call.receiver is None:
            return
        supervisor, child = supervisor_for(match, "DynamicSupervisor"), _child(call, call.receiver, match)
        started = f"{match.named('DynamicSupervisor')}.start_child({supervisor}, {child})"
        yield from laid_out(match, call, started)


def _is_own(call: Call, match: Match) -> bool:
    """Whether the module of a server starts a process of its own."""
    if call.module != "GenServer" or not call.arguments:
        return False
    return match.module is not None and match.resolved(call.arguments[0]) == match.module.name


def _child(call: Call, starter: Node, match: Match) -> str:
    """Return the specification of the child that a call of `start_link` starts."""
    arguments = [f"[{match.text(each)}]" if each.type == "keywords" else match.text(each) for each in call.arguments]
    if call.module != "GenServer" and len(arguments) == 1:
        return f"{{{match.text(starter)}, {arguments[0]}}}"
    started = match.text(call.arguments[0] if call.module == "GenServer" else starter)
    start = f"{{{match.text(starter)}, :start_link, [{', '.join(arguments)}]}}"
    margin = match.indent(call.whole)
    return f"%{{\n{margin}  id: {started},\n{margin}  start: {start}\n{margin}}}"
