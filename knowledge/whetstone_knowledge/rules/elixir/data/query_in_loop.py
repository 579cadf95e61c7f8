"""WE231: a query for each item of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

_QUERIES = frozenset(
    {
        *("aggregate", "all", "delete", "delete!", "exists?", "get", "get!", "get_by", "get_by!", "insert", "insert!"),
        *("insert_or_update", "insert_or_update!", "one", "one!", "preload", "reload", "reload!", "update", "update!"),
    }
)
_CHUNKED = ("chunk_every", "chunk_by")
_WRITTEN = frozenset({"list", "sigil"})
"""Collections whose few items stand in the code."""


class QueryInLoop(ElixirRule):
    """Asks the database once for each item of a collection.

    Each query is a round trip, and takes a connection from the pool for its time: at half a millisecond, a page of 200
    orders waits a tenth of a second for nothing. One query for all of them, `where: x.id in ^ids`, or
    `Repo.preload/2` for associations, asks once; many rows are written by `insert_all` and `update_all`.

    The rule speaks only where a function of a module called `Repo` stands in the loop itself. It stays quiet about
    functions that take many rows at once, about loops over chunks, and over lists whose items stand in the code.
    """

    code = "WE231"
    title = "Ask once for all of them"
    message = "One query for each item, where one could ask for all of them"
    severity = "medium"
    weight = 45
    fix = "none"
    beside = ("Repo",)
    words = tuple(sorted(_QUERIES))
    before = """
        defmodule Orders do
          alias Shop.{Customer, Repo}

          def customers(orders) do
            Enum.map(orders, fn order -> Repo.get!(Customer, order.customer_id) end)
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Orders do
              alias Shop.Repo

              def with_lines(orders) do
                for order <- orders do
                  %{order | lines: order |> Ecto.assoc(:lines) |> Repo.all()}
                end
              end
            end
            """,
            "",
        ),
        (
            """
            defmodule Orders do
              def save(orders), do: Enum.each(orders, &Shop.Repo.insert!/1)
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Orders do
          alias Shop.{Customer, Repo}

          def names(query) do
            Enum.map(Repo.all(query), & &1.name)
          end
        end
        """,
        """
        defmodule Orders do
          alias Shop.{Order, Repo}

          def save(rows) do
            rows
            |> Enum.chunk_every(1_000)
            |> Enum.each(&Repo.insert_all(Order, &1))
          end
        end
        """,
        """
        defmodule Orders do
          alias Shop.Repo

          def each(rows) do
            rows
            |> Stream.chunk_every(100)
            |> Enum.map(fn chunk -> Repo.preload(chunk, :lines) end)
          end
        end
        """,
        """
        defmodule Roles do
          alias Shop.{Repo, Role}

          def seed, do: Enum.each(~w(member admin), &Repo.insert!(%Role{name: &1}))
        end
        """,
        """
        defmodule Orders do
          alias Shop.Repo

          def save(order), do: Task.async(fn -> Repo.insert!(order) end)
        end
        """,
        """
        defmodule Orders do
          def all(caches), do: Enum.map(caches, fn cache -> Cache.get(cache, :orders) end)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a query stands in a loop, and asks for something of the item."""
        call = match.call
        if call is None or call.module is None or call.module.rpartition(".")[2] != "Repo":
            return False
        if not call.arguments and not _is_named(call.node):
            return False
        source = _source(match, match.loops[0]) if match.loops else None
        return source is not None and source.type not in _WRITTEN and not _is_over_chunks(match, source)


def _is_named(function: Node) -> bool:
    """Whether a function is not called but named, as in `&Repo.insert!/1`."""
    sides = operands(function.parent) if function.parent is not None else None
    return sides is not None and sides[1] == "/"


def _source(match: Match, loop: Node) -> Node | None:
    """Return what a loop goes over."""
    arguments = loop.parent if loop.type != "call" else loop.named_children[1]
    if arguments is None or arguments.type != "arguments" or arguments.parent is None:
        return None
    call = match.read(arguments.parent)
    if call is None or not call.arguments:
        return None
    sides = operands(call.arguments[0])
    return sides[2] if sides is not None and sides[1] == "<-" else call.arguments[0]


def _is_over_chunks(match: Match, source: Node) -> bool:
    """Whether a loop goes over parts of the whole."""
    return any(word in match.text(source) for word in _CHUNKED)
