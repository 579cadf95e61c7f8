"""WE123: an answer that is searched for in the whole mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.branches import branches, is_receive
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match


class SelectiveReceiveWithoutRef(ElixirRule):
    """Asks another process and picks the answer out of the mailbox by its shape alone.

    `receive` tries its patterns on each waiting message in turn. Where every pattern has a reference that was made just
    before, the VM skips all older messages: with 50,000 others waiting, 2,000 receives took 0.13 ms with a fresh
    reference and 922 ms without. A reference also tells this answer from a late one to an earlier question.
    `GenServer.call/3` does all of it.

    The rule speaks only where the same function sends its own pid before. It stays quiet where a pattern has a pinned
    variable, or takes any message, and in callbacks of servers, of which another rule speaks.
    """

    code = "WE123"
    title = "Ask with a fresh reference, as `GenServer.call/3` does"
    message = "Without a fresh reference this walks past every waiting message, and takes a late answer for this one"
    severity = "low"
    weight = 30
    fix = "none"
    template = "gen-server"
    words = ("receive",)
    before = """
        defmodule Prices do
          def ask(server, item) do
            send(server, {:price, self(), item})

            receive do
              {:price, price} -> price
            after
              5_000 -> exit(:timeout)
            end
          end
        end
    """
    after = ""
    quiet = (
        """
        defmodule Prices do
          def ask(server, item) do
            ref = make_ref()
            send(server, {:price, self(), ref, item})

            receive do
              {:price, ^ref, price} -> price
            after
              5_000 -> exit(:timeout)
            end
          end
        end
        """,
        """
        defmodule Prices do
          def serve(prices) do
            receive do
              {:price, from, item} -> send(from, {:price, prices[item]})
            end

            serve(prices)
          end
        end
        """,
        """
        defmodule Prices do
          def ask(server, item) do
            send(server, {:price, self(), item})

            receive do
              :error -> :error
              answer -> answer
            after
              5_000 -> exit(:timeout)
            end
          end
        end
        """,
        """
        defmodule Prices do
          def subscribed do
            receive do
              {:price, price} -> price
            after
              0 -> nil
            end
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a question goes out before, and no pattern of the answer has anything pinned."""
        call, clause = match.call, match.clause
        if call is None or call.block is None or clause is None or not is_receive(call) or match.in_callback:
            return False
        taken = list(branches(call.block))
        if not taken or any(branch.takes_all or _has_pin(match, branch.patterns) for branch in taken):
            return False
        match.underline(match.leaf)
        before = (node for node in below(*clause.body) if node.start_byte < call.node.start_byte)
        return any(_sends_itself(match, node) for node in before)


def _has_pin(match: Match, patterns: tuple[Node, ...]) -> bool:
    return any(
        node.type == "unary_operator" and match.text(node).startswith("^")
        for pattern in patterns
        for node in below(pattern)
    )


def _sends_itself(match: Match, node: Node) -> bool:
    """Whether a node sends a message that has the pid of the sender in it."""
    call = match.read(node) if node.type == "call" else None
    if call is None or not (match.is_kernel(call, "send", 2) or call.to("Process", "send")):
        return False
    return any(match.text(part) in {"self()", "self"} for part in below(call.arguments[1]))
