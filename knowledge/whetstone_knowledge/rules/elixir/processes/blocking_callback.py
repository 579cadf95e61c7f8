"""WE106: a server that waits while others wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.waiting import NETWORK, calls_of, waits
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match


class BlockingCallback(ElixirRule):
    """Waits for the network, a database or another program in a callback of a server that others call.

    A server handles one message at a time. Until this one is done, every other caller waits, and after five seconds
    their calls exit. A task can wait in its place: the callback starts it with `Task.Supervisor.async_nolink/2`, keeps
    `from`, returns `{:noreply, state}`, and answers with `GenServer.reply/2` when the result comes.

    The rule stays quiet where nobody waits for an answer, because the module has no `handle_call/3`, in
    `handle_continue/2`, where a task does the waiting, and for files, which are at hand. It sees calls that stand in
    the callback itself, not those in the functions that it calls. Where one at a time is what the server is for, such
    as a serial line, it is right as it is.
    """

    code = "WE106"
    title = "Let a task wait"
    message = "Whoever calls this server waits until `{call}` is done"
    severity = "medium"
    weight = 30
    fix = "none"
    template = "task-pool"
    words = ("handle_call", "handle_cast", "handle_info")
    before = """
        defmodule Rates do
          use GenServer

          @impl true
          def handle_call({:rate, currency}, _from, state) do
            {:reply, Req.get!("https://rates.example/" <> currency).body, state}
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Rates do
              use GenServer
              alias Shop.Repo

              def handle_call(:rates, _from, rates), do: {:reply, rates, rates}

              def handle_info(:refresh, _rates) do
                rates = Shop.Rate |> Repo.all()
                {:noreply, rates}
              end
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Rates do
          use GenServer

          def handle_call({:rate, currency}, from, state) do
            Task.Supervisor.async_nolink(Rates.Tasks, fn -> {from, Req.get!(state.base <> currency)} end)
            {:noreply, state}
          end
        end
        """,
        """
        defmodule Poller do
          use GenServer

          def handle_info(:poll, url) do
            Store.put(Req.get!(url).body)
            {:noreply, url}
          end
        end
        """,
        """
        defmodule Journal do
          use GenServer

          def handle_call({:line, line}, _from, path) do
            {:reply, File.write(path, line, [:append]), path}
          end
        end
        """,
        """
        defmodule Rates do
          use GenServer

          def handle_call(:request, _from, state), do: {:reply, Req.new(base_url: state.base), state}
          def handle_continue(:load, state), do: {:noreply, %{state | rates: Req.get!(state.base).body}}
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a callback waits for something far away; the first such call is underlined."""
        clause, module = match.definition, match.module
        if clause is None or module is None or not module.is_callback(clause):
            return False
        if ("handle_call", 3) not in module.functions:
            return False
        slow = next((call for call in calls_of(clause, match.whole) if waits(call, NETWORK)), None)
        if slow is None:
            return False
        match.underline(slow.node)
        match.also("call", slow.node)
        return True
