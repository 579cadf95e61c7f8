"""WE139: a server that waits for another server while others wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match

_ONESELF = frozenset({"self()", "__MODULE__"})
_HANDLERS = frozenset({"handle_call", "handle_cast", "handle_info", "handle_continue"})


class CallInCallback(ElixirRule):
    """Calls another server in a callback of a server that is called itself.

    Whoever calls this server waits for both. When the other one, at some distance, calls back, the two wait for each
    other until one of the calls times out and ends its server. Calls that go one way only, from above to below, cannot
    do that; who is below is told by a message and tells by one.

    The rule stays quiet for calls to the server itself, for modules without `handle_call/3`, which nobody waits for, in
    code that another process runs, and in functions that a callback calls. It sees this file only, and so knows nothing
    of what the other server does.
    """

    code = "WE139"
    title = "Tell it by a message, or call it from the client function"
    message = "Whoever calls this server waits for the other one too, and if that calls back, all of them do"
    severity = "low"
    weight = 15
    fix = "none"
    template = "task-pool"
    words = ("call",)
    before = """
        defmodule Orders do
          use GenServer

          @impl true
          def init(state), do: {:ok, state}

          @impl true
          def handle_call({:order, item}, _from, state) do
            price = GenServer.call(Prices, {:price, item})
            {:reply, price, state}
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Orders do
              use GenServer

              def init(prices), do: {:ok, prices}
              def handle_call(:count, _from, prices), do: {:reply, 0, prices}

              def handle_info({:sold, item}, prices) do
                prices |> GenServer.call({:sold, item}) |> IO.inspect()
                {:noreply, prices}
              end
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Orders do
          use GenServer

          def order(item), do: GenServer.call(Prices, {:price, item})
          def init(state), do: {:ok, state}
          def handle_call(:count, _from, state), do: {:reply, 0, state}
        end
        """,
        """
        defmodule Orders do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_call({:order, item}, from, state) do
            Task.Supervisor.start_child(Tasks, fn ->
              GenServer.reply(from, GenServer.call(Prices, {:price, item}))
            end)

            {:noreply, state}
          end
        end
        """,
        """
        defmodule Orders do
          use GenServer

          def init(state), do: {:ok, state}

          def handle_info({:sold, item}, state) do
            GenServer.call(Prices, {:sold, item})
            {:noreply, state}
          end
        end
        """,
        """
        defmodule Orders do
          use GenServer

          def init(state), do: {:ok, state}
          def handle_call(:count, _from, state), do: {:reply, GenServer.call(__MODULE__, :rows), state}
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a callback of a server that is called waits for another server."""
        call, module, clause = match.call, match.module, match.clause
        if call is None or not (call.to("GenServer", "call", 2, 3) or call.to(":gen_server", "call", 2, 3)):
            return False
        if module is None or clause is None or not match.in_callback or ("handle_call", 3) not in module.functions:
            return False
        return clause.name in _HANDLERS and match.text(call.arguments[0]) not in _ONESELF
