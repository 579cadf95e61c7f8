"""WE137: a call on another node that mixes its answers with its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule, Refused
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.match import Match, Replacement


class RpcInsteadOfErpc(ElixirRule):
    """Calls a function on another node by `:rpc`, where `:erpc` is the newer and clearer module.

    `:rpc.call` returns `{:badrpc, reason}` for a lost node, a time-out and an exception alike, and a function that
    returns such a tuple looks the same. `:erpc.call`, since OTP 23, raises instead: `{:erpc, reason}` for what went
    wrong between the nodes, `{:exception, reason, trace}` for what the function raised. `:rpc.call` is written on top
    of it by now.

    The rule stays quiet about `:rpc.cast`, which has no answer, and about what `:erpc` has no function for.

    With the rewrite the call raises or exits where it returned `{:badrpc, reason}`; it is refused where the function
    looks at that.
    """

    code = "WE137"
    title = "Call it by `:erpc`"
    message = "`:rpc` returns the same `:badrpc` for a lost node, a time-out and an exception"
    severity = "low"
    weight = 15
    fix = "review"
    words = (":rpc",)
    before = """
        defmodule Cluster do
          def size(node) do
            :rpc.call(node, Cache, :size, [], 5_000)
          end
        end
    """
    after = """
        defmodule Cluster do
          def size(node) do
            :erpc.call(node, Cache, :size, [], 5_000)
          end
        end
    """
    more = (
        (
            """
            defmodule Cluster do
              def sizes(nodes) do
                Enum.map(nodes, fn node -> node |> :rpc.call(Cache, :size, []) end)
              end
            end
            """,
            """
            defmodule Cluster do
              def sizes(nodes) do
                Enum.map(nodes, fn node -> node |> :erpc.call(Cache, :size, []) end)
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Cluster do
          def size(node), do: :erpc.call(node, Cache, :size, [])
        end
        """,
        """
        defmodule Cluster do
          def warm(node), do: :rpc.cast(node, Cache, :warm, [])
        end
        """,
        """
        defmodule Cluster do
          def size(nodes), do: Enum.map(nodes, &{:rpc, &1})
        end
        """,
        """
        defmodule Cluster do
          def handle({:rpc, call}), do: call
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a function of `:rpc` is called that answers, and that `:erpc` has as well."""
        call = match.read(match.ancestors[-2]) if len(match.ancestors) > 1 else None
        if call is None or call.receiver != match.leaf or call.name not in {"call", "multicall"}:
            return False
        match.underline(call.node)
        match.also(call.name, call.node)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Name the other module."""
        if "multicall" in match.captures:
            raise Refused("`:erpc.multicall` tells of each node whether it answered, in another shape")
        clause = match.clause
        nodes = below(*clause.body) if clause is not None else iter(())
        if any(match.text(node) == ":badrpc" for node in nodes):
            raise Refused("the function looks at `{:badrpc, reason}`, where `:erpc.call` raises")
        yield match.replaced(match.leaf, ":erpc")
