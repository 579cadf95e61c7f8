"""WE110: a call with no end to the waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match

_SERVERS = frozenset({"GenServer", ":gen_server", ":gen_statem"})


class CallThatWaitsForever(ElixirRule):
    """Calls a server and waits without end.

    With `:infinity` the caller waits as long as the server lives. A server that is stuck, or that waits for somebody
    who waits for it, holds all its callers, and nothing says so: no call exits, no error is logged.

    The rule stays quiet for any number, and for tasks and other functions that take `:infinity`. It is fine where the
    caller has nothing else to do and the other side is sure to answer or to die.
    """

    code = "WE110"
    title = "Say how long the answer is worth having"
    message = "Waits as long as the server lives, also when that is stuck"
    severity = "medium"
    weight = 30
    fix = "none"
    words = ("call",)
    before = """
        defmodule Index do
          use GenServer

          def rebuild do
            GenServer.call(__MODULE__, :rebuild, :infinity)
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Index do
              alias GenServer, as: Server

              def rebuild(server), do: server |> Server.call(:rebuild, :infinity)
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Index do
          def rebuild(server), do: GenServer.call(server, :rebuild, 60_000)
        end
        """,
        """
        defmodule Index do
          def rebuild(task), do: Task.await(task, :infinity)
        end
        """,
        """
        defmodule Index do
          def limit(server), do: GenServer.call(server, :infinity)
        end
        """,
        """
        defmodule Index do
          def call(server, message), do: Transport.call(server, message, :infinity)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a server is called with `:infinity` as the third argument."""
        call = match.call
        if call is None or call.module not in _SERVERS or call.arity != 3:
            return False
        return match.text(call.arguments[2]) == ":infinity"
