"""WE128: many children that share a few restarts nobody chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.children import set_to, start_of
from whetstone_knowledge.elixir.options import with_options
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.children import Start
    from whetstone_knowledge.elixir.match import Match, Replacement

_MANY = 5
_DEFAULTS = {"max_restarts": "3", "max_seconds": "5"}


class RestartIntensityUnsaid(ElixirRule):
    """Leaves unsaid how many restarts its children may have, with five children or more.

    By default it is three in five seconds, for all children together: the fourth crash ends the supervisor, with every
    child under it. With two children that is generous; the more there are, the sooner one outage outside, which several
    of them notice, reaches it.

    The rule stays quiet where a number is given, where the options come from elsewhere, and for fewer children.

    The rewrite writes the defaults down and changes nothing. What to write instead is a question of how many children
    fail together, and how long what they need is away.
    """

    code = "WE128"
    title = "Write the limits down"
    message = "By default, three restarts in five seconds are all that these children have together"
    severity = "low"
    weight = 15
    fix = "mechanical"
    words = ("init", "start_link")
    before = """
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            children = [Shop.Repo, Shop.Cache, Shop.Prices, Shop.Orders, ShopWeb.Endpoint]
            opts = [strategy: :one_for_one, name: Shop.Supervisor]
            Supervisor.start_link(children, opts)
          end
        end
    """
    after = """
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            children = [Shop.Repo, Shop.Cache, Shop.Prices, Shop.Orders, ShopWeb.Endpoint]
            opts = [strategy: :one_for_one, name: Shop.Supervisor, max_restarts: 3, max_seconds: 5]
            Supervisor.start_link(children, opts)
          end
        end
    """
    more = (
        (
            """
            defmodule Shop.Workers do
              use Supervisor

              def init(_options) do
                [Shop.Mail, Shop.Bills, Shop.Stock, Shop.Prices, {Shop.Orders, limit: 8}]
                |> Supervisor.init(
                  strategy: :rest_for_one,
                  max_seconds: 10
                )
              end
            end
            """,
            """
            defmodule Shop.Workers do
              use Supervisor

              def init(_options) do
                [Shop.Mail, Shop.Bills, Shop.Stock, Shop.Prices, {Shop.Orders, limit: 8}]
                |> Supervisor.init(
                  strategy: :rest_for_one,
                  max_seconds: 10,
                  max_restarts: 3
                )
              end
            end
            """,
        ),
        (
            """
            defmodule Shop.Workers do
              def start_link(_options) do
                children = [Shop.Mail, Shop.Bills, Shop.Stock, Shop.Prices, Shop.Orders]
                Supervisor.start_link(children, strategy: :rest_for_one, name: Shop.Workers.Supervisor)
              end
            end
            """,
            """
            defmodule Shop.Workers do
              def start_link(_options) do
                children = [Shop.Mail, Shop.Bills, Shop.Stock, Shop.Prices, Shop.Orders]

                Supervisor.start_link(children,
                  strategy: :rest_for_one,
                  name: Shop.Workers.Supervisor,
                  max_restarts: 3,
                  max_seconds: 5
                )
              end
            end
            """,
        ),
        (
            """
            defmodule Shop.Workers do
              def start_link(_options) do
                children = [Shop.Mail, Shop.Bills, Shop.Stock, Shop.Prices, Shop.Orders]
                options = [strategy: :rest_for_one, name: Shop.Workers.ForEverything.Supervisor]
                Supervisor.start_link(children, options)
              end
            end
            """,
            """
            defmodule Shop.Workers do
              def start_link(_options) do
                children = [Shop.Mail, Shop.Bills, Shop.Stock, Shop.Prices, Shop.Orders]

                options = [
                  strategy: :rest_for_one,
                  name: Shop.Workers.ForEverything.Supervisor,
                  max_restarts: 3,
                  max_seconds: 5
                ]

                Supervisor.start_link(children, options)
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Workers do
          use Supervisor

          def init(_options) do
            children = [Shop.Mail, Shop.Bills, Shop.Stock, Shop.Prices, Shop.Orders]
            Supervisor.init(children, strategy: :one_for_one, max_restarts: 10)
          end
        end
        """,
        """
        defmodule Shop.Workers do
          use Supervisor

          def init(options) do
            children = [Shop.Mail, Shop.Bills, Shop.Stock, Shop.Prices, Shop.Orders]
            Supervisor.init(children, options)
          end
        end
        """,
        """
        defmodule Shop.Workers do
          use Supervisor

          def init(_options) do
            Supervisor.init([Shop.Mail, Shop.Bills], strategy: :one_for_one)
          end
        end
        """,
        """
        defmodule Shop.Workers do
          use Supervisor

          def init(names) do
            names
            |> Enum.map(&{Shop.Worker, name: &1})
            |> Supervisor.init(strategy: :one_for_one)
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether many children are started with limits that are left unsaid."""
        call, clause, module = match.call, match.clause, match.module
        if call is None or clause is None or module is None:
            return False
        start = start_of(call, clause, module, match.whole)
        options = _options(match, start) if start is not None else None
        if start is None or options is None or "max_restarts" in match.text(options):
            return False
        match.also("options", options)
        try:
            return len(start.children().listed) >= _MANY
        except Refused:
            return False

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write down what is left unsaid."""
        options = match.node("options")
        written = match.text(options)
        added = [f"{key}: {value}" for key, value in _DEFAULTS.items() if f"{key}:" not in written]
        yield from with_options(match, options, added)


def _options(match: Match, start: Start) -> Node | None:
    """Return the options of a supervisor, where they are written down."""
    if len(start.call.arguments) < 2:
        return None
    given = start.call.arguments[1]
    if given.type == "identifier":
        values = list(set_to(match.text(given), start.clause))
        given = values[0] if len(values) == 1 else given
    return given if given.type in {"keywords", "list"} else None
