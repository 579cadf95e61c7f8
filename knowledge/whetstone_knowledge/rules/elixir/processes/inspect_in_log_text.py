"""WE138: text made for a log line that may not be logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.elixir.effects import may_have_effects
from whetstone_knowledge.elixir.match import Replacement, variables
from whetstone_knowledge.elixir.variables import bound_in
from whetstone_knowledge.rule import ElixirRule, Refused
from whetstone_knowledge.spans import Span
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

_WIDTH = 98


class InspectInLogText(ElixirRule):
    """Inspects a value for a debug or info line before it is known whether that is logged.

    `Logger.debug` and `Logger.info` are macros that look at the level first: what stands between their brackets is not
    even made when the level is off. A text made on the line before always is. With a list of 2,000 numbers that was
    0.9 ms for each line that nobody logs, and 0.1 µs with the text in the call.

    The rule stays quiet for text in the call itself or in a function that it is given, and where the text is used a
    second time.

    With the rewrite the value is inspected only where the line is logged. Where the text is made by more than what is
    known to only work out a value, the rewrite is to be looked at.
    """

    code = "WE138"
    title = "Make the text in the call"
    message = "This text is made even when its level is not logged"
    severity = "low"
    weight = 30
    fix = "mechanical"
    words = ("debug", "info")
    before = """
        defmodule Orders do
          require Logger

          def add(orders, order) do
            text = "adding #{inspect(order)}"
            Logger.debug(text)
            [order | orders]
          end
        end
    """
    after = """
        defmodule Orders do
          require Logger

          def add(orders, order) do
            Logger.debug("adding #{inspect(order)}")
            [order | orders]
          end
        end
    """
    more = (
        (
            """
            defmodule Orders do
              require Logger

              def add(orders, order) do
                orders = [order | orders]

                text = inspect(orders, limit: :infinity)
                Logger.info(text, order: order.id)

                orders
              end
            end
            """,
            """
            defmodule Orders do
              require Logger

              def add(orders, order) do
                orders = [order | orders]

                Logger.info(inspect(orders, limit: :infinity), order: order.id)

                orders
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Orders do
          require Logger

          def add(order), do: Logger.debug("adding #{inspect(order)}")
        end
        """,
        """
        defmodule Orders do
          require Logger

          def add(order), do: Logger.debug(fn -> "adding #{inspect(order)}" end)
        end
        """,
        """
        defmodule Orders do
          require Logger

          def add(order) do
            text = "adding #{inspect(order)}"
            Logger.debug(text)
            text
          end
        end
        """,
        """
        defmodule Orders do
          require Logger

          def add(order) do
            text = "cannot add #{inspect(order)}"
            Logger.error(text)
          end
        end
        """,
        """
        defmodule Orders do
          require Logger

          def add(order) do
            text = "adding #{order.id}"
            Logger.debug(text)
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether the text of the line is in a variable that was made for it alone, by inspecting something."""
        call, clause = match.call, match.clause
        if call is None or clause is None or not (call.to("Logger", "debug", 1, 2) or call.to("Logger", "info", 1, 2)):
            return False
        text = call.arguments[0]
        if text.type != "identifier" or call.piped:
            return False
        name = match.text(text)
        uses = [node for part in clause.body for node in variables(part) if match.text(node) == name]
        statement = uses[0].parent if len(uses) == 2 and uses[1] == text else None
        sides = operands(statement) if statement is not None else None
        if statement is None or sides is None or sides[1] != "=" or sides[0] != uses[0]:
            return False
        match.also("text", text)
        match.also("made", statement)
        match.underline(statement)
        if may_have_effects(match, sides[2]):
            match.review()
        return any(_inspects(match, node) for node in below(sides[2]))

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Put the text in the place of the variable, and its line away."""
        made, text, call = match.node("made"), match.node("text"), match.call
        if call is None or made.next_named_sibling != call.node:
            raise Refused("something happens between the two lines, which may change what is inspected")
        value = made.named_children[1]
        if list(bound_in(value, match.whole)):
            raise Refused("the text names something that may be used further down")
        new = match.argument(value)
        line = match.text(call.node).replace("\n", "")
        if "\n" in new or len(match.indent(made)) + len(line) + len(new) - len(match.text(text)) > _WIDTH:
            raise Refused("in one line it would be too long")
        yield Replacement(Span(made.start_byte, call.node.start_byte), "")
        yield match.replaced(text, new)


def _inspects(match: Match, node: Node) -> bool:
    call = match.read(node) if node.type == "call" else None
    return call is not None and match.is_kernel(call, "inspect", 1, 2)
