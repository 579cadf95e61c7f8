"""WE122: a wait for a message that may never come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.branches import branches, is_receive, section
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_AFTER = """\
after
  5_000 -> exit(:timeout)
"""


class ReceiveWithoutAfter(ElixirRule):
    """Waits in `receive` with no end, for a message that may never come.

    When the other side has died, or was never there, the process waits for ever: nothing crashes, no supervisor learns
    of it, and nobody sees more than one process too many.

    The rule stays quiet where the `receive` also takes `:DOWN` or `:EXIT`, which come when the other side ends; in the
    main loop of a process, a function that calls itself; for a pattern that takes any message; for a `receive` without
    branches, which waits for ever on purpose; and in callbacks of servers, of which another rule speaks.

    With the rewrite the process exits after five seconds, where it waited before. The number is a guess: put in what
    the other side may take.
    """

    code = "WE122"
    title = "Give up after a while"
    message = "This waits for ever when the message does not come"
    severity = "low"
    weight = 15
    fix = "review"
    words = ("receive",)
    before = """
        defmodule Prices do
          def ask(server, item) do
            ref = make_ref()
            send(server, {:price, self(), ref, item})

            receive do
              {:price, ^ref, price} -> price
            end
          end
        end
    """
    after = """
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
    """
    more = (
        (
            """
            defmodule Prices do
              def answer(server) do
                price =
                  receive do
                    {:price, ^server, price} ->
                      price

                    {:none, ^server} ->
                      0
                  end

                price * 2
              end
            end
            """,
            """
            defmodule Prices do
              def answer(server) do
                price =
                  receive do
                    {:price, ^server, price} ->
                      price

                    {:none, ^server} ->
                      0
                  after
                    5_000 -> exit(:timeout)
                  end

                price * 2
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Prices do
          def ask(server, item) do
            ref = Process.monitor(server)
            send(server, {:price, self(), ref, item})

            receive do
              {:price, ^ref, price} -> {:ok, price}
              {:DOWN, ^ref, :process, _pid, reason} -> {:error, reason}
            end
          end
        end
        """,
        """
        defmodule Prices do
          def loop(prices) do
            receive do
              {:put, item, price} -> loop(Map.put(prices, item, price))
              :stop -> :ok
            end
          end
        end
        """,
        """
        defmodule Prices do
          def wait do
            receive do
            end
          end
        end
        """,
        """
        defmodule Prices do
          def next do
            receive do
              :stop -> :stopped
              message -> message
            end
          end
        end
        """,
        """
        defmodule Prices do
          def ask(server) do
            receive do
              {:price, ^server, price} -> price
            after
              1_000 -> :timeout
            end
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a process waits here, with no end, for something in particular."""
        call = match.call
        if call is None or call.block is None or not is_receive(call) or section(call.block, "after") is not None:
            return False
        taken = list(branches(call.block))
        if not taken or any(branch.takes_all or _learns_of_the_end(match, branch.patterns) for branch in taken):
            return False
        match.underline(match.leaf)
        return not match.in_callback and not _is_loop(match)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Add an `after` that exits."""
        call = match.call
        if call is None or call.block is None:
            return
        indent = match.indent(call.block.children[-1])
        text = _AFTER.replace("\n", f"\n{indent}")
        yield match.inserted(call.block.children[-1].start_byte, text)


def _learns_of_the_end(match: Match, patterns: tuple[Node, ...]) -> bool:
    """Whether a pattern is the message of a monitor, or of a link whose exit is trapped."""
    return any(match.text(node) in {":DOWN", ":EXIT"} for pattern in patterns for node in below(pattern))


def _is_loop(match: Match) -> bool:
    """Whether the function around calls itself, through others or not: the loop that a process lives in."""
    clause, module = match.clause, match.module
    if clause is None or module is None:
        return False
    return any(clause.name in module.calls_within(each) for each in module.reached_from(clause))
