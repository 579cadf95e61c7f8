"""WE131: a child that uses another which is started after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.children import start_of
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.children import Children, Listed
    from whetstone_knowledge.elixir.match import Match, Replacement


class ChildStartedTooLate(ElixirRule):
    """Starts a child before another that its arguments name.

    Children start in the order of the list, each when the `init/1` of the one before is done. A child that asks a later
    one while it starts gets `:noproc`, and the application does not come up, or it does where the machine is quick
    enough. On stopping the order is turned round: what is used goes away before who uses it.

    The rule stays quiet where the list cannot be read whole, such as one that is put together by functions, and for
    names that no child in it has.

    With the rewrite the child that is named comes right before the one that names it.
    """

    code = "WE131"
    title = "Start it first"
    message = "`{late}` is named here, and started only after this"
    severity = "high"
    weight = 45
    fix = "mechanical"
    words = ("init", "start_link")
    before = """
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            children = [
              {Shop.Prices, repo: Shop.Repo},
              Shop.Repo,
              ShopWeb.Endpoint
            ]

            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end
    """
    after = """
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            children = [
              Shop.Repo,
              {Shop.Prices, repo: Shop.Repo},
              ShopWeb.Endpoint
            ]

            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end
    """
    more = (
        (
            """
            defmodule Shop.Workers do
              use Supervisor
              alias Shop.Mail

              def init(_options) do
                [{Mail, tasks: :tasks}, Shop.Bills, {Task.Supervisor, name: :tasks}]
                |> Supervisor.init(strategy: :one_for_one)
              end
            end
            """,
            """
            defmodule Shop.Workers do
              use Supervisor
              alias Shop.Mail

              def init(_options) do
                [{Task.Supervisor, name: :tasks}, {Mail, tasks: :tasks}, Shop.Bills]
                |> Supervisor.init(strategy: :one_for_one)
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            children = [
              Shop.Repo,
              {Shop.Prices, repo: Shop.Repo}
            ]

            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end
        """,
        """
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            children = [
              {Bandit, plug: Shop.Router},
              {Cachex, name: :shop}
            ]

            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end
        """,
        """
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            children = [
              {Shop.Mail, Application.fetch_env!(:shop, Shop.Prices)},
              {Shop.Prices, name: :shop}
            ]

            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end
        """,
        """
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            children = [{Shop.Mail, from: Shop.Prices.sender()}, Shop.Prices]
            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end
        """,
        """
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            children = [{Shop.Prices, repo: Shop.Repo}] ++ stores()
            Supervisor.start_link(children, strategy: :one_for_one)
          end

          defp stores, do: [Shop.Repo]
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a child names a later one; the first that does is underlined."""
        children = _children(match)
        late = _first_late(children.listed) if children is not None else None
        if children is None or late is None:
            return False
        early, wanted = late
        match.underline(children.listed[early].node)
        match.also("late", children.listed[wanted].node)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Move the later child before the earlier, and those between down by one."""
        children = _children(match)
        late = _first_late(children.listed) if children is not None else None
        if children is None or late is None:
            return
        early, wanted = late
        moved = children.listed[early : wanted + 1]
        if (moved[-1].module or "").endswith(".Endpoint"):
            raise Refused(f"{moved[-1]} answers requests once it is up, and belongs last; move {moved[0]} behind it")
        needed = [other for other in moved[:-1] if other.known_as & moved[-1].uses]
        if needed:
            raise Refused(f"{moved[-1]} itself names {needed[0]}; who starts first is a question for you")
        if any(_is_among(comment, moved) for comment in children.node.named_children if comment.type == "comment"):
            raise Refused("comments stand beside the children; move the lines with the comments that belong to them")
        for place, child in zip(moved, (moved[-1], *moved[:-1]), strict=True):
            yield match.replaced(place.node, match.text(child.node))


def _is_among(comment: Node, children: Sequence[Listed]) -> bool:
    """Whether a comment stands above or beside one of some children."""
    return children[0].node.start_point.row - 1 <= comment.start_point.row <= children[-1].node.end_point.row


def _children(match: Match) -> Children | None:
    call, clause, module = match.call, match.clause, match.module
    start = start_of(call, clause, module, match.whole) if call and clause and module else None
    try:
        return start.children() if start is not None else None
    except Refused:
        return None


def _first_late(listed: Sequence[Listed]) -> tuple[int, int] | None:
    """Return the places of the first child that names a later one, and of that one."""
    for early, child in enumerate(listed):
        for late in range(early + 1, len(listed)):
            if child.uses & listed[late].known_as - child.known_as:
                return early, late
    return None
