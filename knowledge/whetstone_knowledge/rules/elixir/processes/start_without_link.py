"""WE117: a server that nobody is tied to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.match import Match, Replacement

_ARITIES = {"GenServer": (2, 3), "Agent": (1, 2, 3, 4)}


class StartWithoutLink(ElixirRule):
    """Starts a GenServer or an Agent without a link.

    Nobody hears of its end, and its end follows from nobody's: when the process that started it crashes, it goes on
    without an owner, and the next attempt starts another. A supervisor can only start what links to it: with `start` in
    `start_link` it would never know that the child is gone.

    The rule stays quiet in a function that is called `start` itself, beside which there is a `start_link` by
    convention, and in tasks of Mix.

    The rewrite links the process to the one that starts it, so that a crash of either ends both.
    """

    code = "WE117"
    title = "Start it with a link"
    message = "Nobody hears when this process ends, and it outlives whoever started it"
    severity = "medium"
    weight = 30
    fix = "review"
    words = ("start",)
    before = """
        defmodule Shop.Cart do
          use GenServer

          def start_link(customer) do
            GenServer.start(__MODULE__, customer)
          end
        end
    """
    after = """
        defmodule Shop.Cart do
          use GenServer

          def start_link(customer) do
            GenServer.start_link(__MODULE__, customer)
          end
        end
    """
    more = (
        (
            """
            defmodule Shop.Cart do
              def open(lines), do: fn -> lines end |> Agent.start(name: __MODULE__)
            end
            """,
            """
            defmodule Shop.Cart do
              def open(lines), do: fn -> lines end |> Agent.start_link(name: __MODULE__)
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Cart do
          use GenServer

          def start(customer), do: GenServer.start(__MODULE__, customer)
        end
        """,
        """
        defmodule Shop.Cart do
          alias Shop.Agent

          def open(customer), do: Agent.start(customer)
        end
        """,
        """
        defmodule Mix.Tasks.Shop.Import do
          def run(_arguments), do: Agent.start(fn -> [] end)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a process is started without a link, in a function that does not say so by its name."""
        call, clause, module = match.call, match.clause, match.module
        if call is None or clause is None or module is None or module.is_mix_task or clause.name == "start":
            return False
        return call.module is not None and call.arity in _ARITIES.get(call.module, ())

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Link it."""
        yield match.replaced(match.leaf, "start_link")
