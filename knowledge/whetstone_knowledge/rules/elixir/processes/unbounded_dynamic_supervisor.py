"""WE129: a supervisor that starts as many children as it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items
from whetstone_knowledge.elixir.children import set_to
from whetstone_knowledge.elixir.options import with_options
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_STARTS = frozenset({"init", "start_link"})


class UnboundedDynamicSupervisor(ElixirRule):
    """Starts as many children on demand as anybody asks for.

    Children of a DynamicSupervisor are mostly started by what comes from outside: a connection, a user, a game. Without
    `:max_children` a flood of those goes on until the memory is gone, and with it the node. With it, `start_child`
    returns `{:error, :max_children}`, which the caller can pass on as "try later".

    The rule stays quiet where a number is given, and where the options come from elsewhere.

    The 1,000 of the rewrite is a guess: put in what the node can bear.
    """

    code = "WE129"
    title = "Say how many there may be"
    message = "Nothing limits how many children are started, but the memory of the node"
    severity = "low"
    weight = 15
    fix = "review"
    words = ("DynamicSupervisor",)
    before = """
        defmodule Games do
          use DynamicSupervisor

          @impl true
          def init(_options) do
            DynamicSupervisor.init(strategy: :one_for_one)
          end
        end
    """
    after = """
        defmodule Games do
          use DynamicSupervisor

          @impl true
          def init(_options) do
            DynamicSupervisor.init(strategy: :one_for_one, max_children: 1_000)
          end
        end
    """
    more = (
        (
            """
            defmodule Games.Application do
              use Application

              def start(_type, _args) do
                children = [{DynamicSupervisor, name: Games.All, strategy: :one_for_one}]
                Supervisor.start_link(children, strategy: :one_for_one)
              end
            end
            """,
            """
            defmodule Games.Application do
              use Application

              def start(_type, _args) do
                children = [{DynamicSupervisor, name: Games.All, strategy: :one_for_one, max_children: 1_000}]
                Supervisor.start_link(children, strategy: :one_for_one)
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Games do
          use DynamicSupervisor

          def init(_options) do
            DynamicSupervisor.init(strategy: :one_for_one, max_children: 500)
          end
        end
        """,
        """
        defmodule Games do
          use DynamicSupervisor

          def init(options), do: DynamicSupervisor.init(options)
        end
        """,
        """
        defmodule Games do
          def start(game), do: DynamicSupervisor.start_child(Games.Supervisor, {Game, game})
        end
        """,
        """
        defmodule Games do
          def start_link(options), do: DynamicSupervisor.start_link(__MODULE__, options, name: __MODULE__)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether such a supervisor is started, and no number said."""
        options = _of_call(match) or _of_child(match)
        if options is None or "max_children" in match.text(options):
            return False
        match.also("options", options)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Say a number."""
        yield from with_options(match, match.node("options"), ["max_children: 1_000"])


def _of_call(match: Match) -> Node | None:
    """Return the options of `DynamicSupervisor.init` or `start_link`, where they are written down."""
    call = match.read(match.ancestors[-2]) if len(match.ancestors) > 1 else None
    if call is None or call.receiver != match.leaf or call.module != "DynamicSupervisor":
        return None
    if call.name not in _STARTS or len(call.arguments) != 1:
        return None
    given, clause = call.arguments[0], match.clause
    if given.type == "identifier" and clause is not None:
        values = list(set_to(match.text(given), clause))
        given = values[0] if len(values) == 1 else given
    match.underline(call.node)
    return given if given.type in {"keywords", "list"} else None


def _of_child(match: Match) -> Node | None:
    """Return the options of a child `{DynamicSupervisor, options}`."""
    around = match.ancestors[-1]
    inside = items(around) if around.type == "tuple" else []
    if len(inside) != 2 or inside[0] != match.leaf or match.resolved(match.leaf) != "DynamicSupervisor":
        return None
    has_options = inside[1].type in {"keywords", "list"} and b"strategy:" in (inside[1].text or b"")
    return inside[1] if has_options else None
