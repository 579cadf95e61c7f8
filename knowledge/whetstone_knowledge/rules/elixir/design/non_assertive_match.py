"""WE305: a part of a split text picked by its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.elixir.pipes import steps
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

_COMPARING = frozenset({"||", "&&", "==", "!=", "===", "!==", "<-", "in"})
_ALWAYS_THERE = frozenset({"0", "-1"})
_ASKING = frozenset({"case", "if", "unless", "is_nil", "to_string"})
"""What looks whether something is `nil`, or makes a text of that too."""


class NonAssertiveMatch(ElixirRule):
    """Picks a part of a split text by its number, however many parts there are.

    Where there are fewer, the part is `nil`, and fails somewhere else if at all; where there are more, the others are
    dropped without a word. A pattern says what is expected, and raises here when it is not there:
    `[_key, value] = String.split(pair, "=", parts: 2)`.

    The rule stays quiet about the first and the last part, which are always there, where a default is given, and where
    the answer is asked for `nil` at once, as by `case`, `if` or `||`, or made a text, which is empty then.
    """

    code = "WE305"
    title = "Match the parts that are expected"
    message = "This is `nil` when there are fewer parts than expected, and drops the others when there are more"
    severity = "low"
    weight = 15
    fix = "none"
    words = ("at",)
    beside = ("split",)
    before = """
        defmodule Query do
          def value(pair) do
            Enum.at(String.split(pair, "="), 1)
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Query do
              def value(pair), do: pair |> String.trim() |> String.split("=") |> Enum.at(1)
            end
            """,
            "",
        ),
        (
            """
            defmodule Query do
              def host(address) do
                host = address |> String.split(["@", ":"], trim: true) |> Enum.at(-2)
                String.downcase(host)
              end
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Query do
          def key(pair), do: pair |> String.split("=") |> Enum.at(0)
        end
        """,
        """
        defmodule Query do
          def value(pair), do: Enum.at(String.split(pair, "="), 1, "")
        end
        """,
        """
        defmodule Query do
          def value(pair) do
            case pair |> String.split("=") |> Enum.at(1) do
              nil -> :none
              value -> {:ok, value}
            end
          end
        end
        """,
        """
        defmodule Query do
          def value(pair), do: Enum.at(String.split(pair, "="), 1) || ""
        end
        """,
        """
        defmodule Query do
          def value(pair), do: pair |> String.split("=") |> Enum.at(1) |> to_string()
        end
        """,
        """
        defmodule Query do
          def value(pair) do
            pair
            |> String.split("=")
            |> Enum.at(1)
            |> case do
              nil -> :none
              value -> {:ok, value}
            end
          end
        end
        """,
        """
        defmodule Query do
          def value(pair) do
            value = Enum.at(String.split(pair, "="), 1)
            if value, do: {:ok, value}, else: :none
          end
        end
        """,
        """
        defmodule Query do
          def column(line, number), do: line |> String.split(",") |> Enum.at(number)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a part with a number that may be missing is taken from a split text, and nobody asks if it is."""
        two = steps(match)
        if two is None or not two.second.to("Enum", "at", 2) or not two.first.to("String", "split", 1, 2, 3):
            return False
        number = match.text(two.second.arguments[1])
        return number.lstrip("-").isdigit() and number not in _ALWAYS_THERE and not _is_asked(match, two.second.whole)


def _is_asked(match: Match, node: Node) -> bool:
    """Whether what stands around an expression looks whether it is there, or does so with the name it is given."""
    around = node.parent
    if around is not None and around.type == "arguments":
        around = around.parent
    if around is None:
        return False
    sides = operands(around)
    if sides is not None and sides[1] == "=":
        return match.clause is not None and any(
            _is_asked(match, name)
            for part in match.clause.body
            for name in variables(part)
            if match.text(name) == match.text(sides[0]) and name != sides[0]
        )
    if sides is not None and sides[1] != "|>":
        return sides[1] in _COMPARING
    call = match.read(around)
    return call is not None and call.is_local and call.name in _ASKING
