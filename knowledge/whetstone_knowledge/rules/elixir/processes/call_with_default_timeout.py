"""WE109: a call that waits five seconds because nobody said otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_ATTRIBUTE = "call_timeout"
_FIVE_SECONDS = frozenset({"5000", "5_000", ":timer.seconds(5)"})


class CallWithDefaultTimeout(ElixirRule):
    """Calls a server without saying for how long the answer is worth having.

    Without a third argument `GenServer.call/2` waits five seconds and then exits in the caller. For a request that a
    person waits for, that is long; for one that does slow work, it is short. Code that is to be relied on says the
    number once for each module.

    This is right in most code, so the rule speaks only when it is asked for. It stays quiet where a third argument is
    given. The rewrite writes down the five seconds that hold now; change them to what the caller can wait. Where the
    module has a `@call_timeout` of its own already, that is what it names.
    """

    code = "WE109"
    title = "Write the time-out down"
    message = "Waits five seconds, and then exits in the caller, because nothing else is said"
    severity = "low"
    weight = 15
    fix = "mechanical"
    on_request = True
    words = ("call",)
    before = """
        defmodule Index do
          use GenServer

          def lookup(sku) do
            GenServer.call(__MODULE__, {:lookup, sku})
          end
        end
    """
    after = """
        defmodule Index do
          use GenServer

          @call_timeout 5_000

          def lookup(sku) do
            GenServer.call(__MODULE__, {:lookup, sku}, @call_timeout)
          end
        end
    """
    more = (
        (
            """
            defmodule Index do
              @moduledoc "What is where."

              @call_timeout 800

              def lookup(server, sku), do: server |> GenServer.call({:lookup, sku})
            end
            """,
            """
            defmodule Index do
              @moduledoc "What is where."

              @call_timeout 800

              def lookup(server, sku), do: server |> GenServer.call({:lookup, sku}, @call_timeout)
            end
            """,
        ),
        (
            """
            defmodule Index do
              def lookup(server, sku), do: :gen_server.call(server, {:lookup, sku})
            end
            """,
            """
            defmodule Index do
              @call_timeout 5_000

              def lookup(server, sku), do: :gen_server.call(server, {:lookup, sku}, @call_timeout)
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Index do
          def lookup(server, sku), do: GenServer.call(server, {:lookup, sku}, 500)
        end
        """,
        """
        defmodule Index do
          def lookup(server, sku), do: server |> GenServer.call({:lookup, sku}, :infinity)
        end
        """,
        """
        defmodule Index do
          alias Index.GenServer

          def lookup(server, sku), do: GenServer.call(server, {:lookup, sku})
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a server is called with two arguments."""
        call = match.call
        if call is None or match.module is None or match.clause is None:
            return False
        if not (call.to("GenServer", "call", 2) or call.to(":gen_server", "call", 2)):
            return False
        if any(match.text(value) not in _FIVE_SECONDS for value in match.module.attributes.get(_ATTRIBUTE, ())):
            match.review()
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Name the time-out in an attribute of the module."""
        call, module = match.call, match.module
        if call is None or module is None:
            return
        present = module.attributes.get(_ATTRIBUTE, ())
        if present and (len(present) > 1 or present[0].start_byte > match.leaf.start_byte):
            raise Refused(f"`@{_ATTRIBUTE}` is set more than once, or only further down")
        yield match.followed_by(call.arguments[-1], f"@{_ATTRIBUTE}")
        if present:
            return
        text = f"@{_ATTRIBUTE} 5_000"
        head, first = module.head, module.statements[0]
        if head is None:
            yield match.inserted(_above(first).start_byte, f"{text}\n\n{match.indent(first)}")
        else:
            yield match.inserted(match.behind(head), f"\n\n{match.indent(first)}{text}")


def _above(statement: Node) -> Node:
    """Return the first of the comments right above a statement, or the statement."""
    above = statement.prev_named_sibling
    while above is not None and above.type == "comment" and above.end_point.row == statement.start_point.row - 1:
        if above.prev_sibling is not None and above.prev_sibling.end_point.row == above.start_point.row:
            break  # it is of the line above
        statement, above = above, above.prev_named_sibling
    return statement
