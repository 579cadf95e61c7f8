"""WE231: a query for each item of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
_CHUNKED = ("chunk_every", "chunk_by", "Stream.chunk")


class QueryInLoop(ElixirRule):
    """Asks the database once for each item of a collection.

    Each query is a round trip, and takes a connection from the pool for its time: at half a millisecond, a page of 200
    orders waits a tenth of a second for nothing. One query for all of them, `where: x.id in ^ids`, or
    `Repo.preload/2` for associations, asks once; many rows are written by `insert_all` and `update_all`.

    The rule speaks only where a function of a module called `Repo` stands in the loop itself. It stays quiet about
    functions that take many rows at once, and about loops over chunks.
    """

    code = "WE231"
    title = "Ask once for all of them"
    message = "One query for each item, where one could ask for all of them"
    severity = "medium"
    weight = 45
    fix = "none"
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
              def save(orders), do: Enum.each(orders, &Shop.Repo.insert!(&1))
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
        if call is None or call.module is None or call.module.rpartition(".")[2] != "Repo" or not call.arguments:
            return False
        return bool(match.loops) and not _is_over_chunks(match, match.loops[0])


def _is_over_chunks(match: Match, loop: Node) -> bool:
    """Whether a loop goes over parts of the whole."""
    around = loop.parent if loop.type != "call" else loop
    call = match.read(around.parent) if around is not None and around.type == "arguments" and around.parent else None
    source = call.arguments[0] if call is not None and call.arguments else around
    return source is not None and any(word in match.text(source) for word in _CHUNKED)
