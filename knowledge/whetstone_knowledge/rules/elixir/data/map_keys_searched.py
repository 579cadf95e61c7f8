"""WE214: all keys of a map listed to look for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.elixir.effects import may_have_effects
from whetstone_knowledge.elixir.pipes import bare, step_before
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement


class MapKeysSearched(ElixirRule):
    """Lists all keys of a map and searches the list for one.

    `Map.has_key?/2` goes straight to the key: among 1,000 keys it took 0.02 µs, the list and its search 9.7 µs, and
    among 20,000 keys 305 µs. The rule stays quiet where the list of keys has a name, and for `Keyword.keys`.

    Both compare keys strictly: 1 is not 1.0. Where the map and the key are both worked out by calls that may do more,
    the rewrite is to be looked at: the map comes first in it.
    """

    code = "WE214"
    title = "Ask the map for the key"
    message = "`Map.keys` lists every key to look for one"
    severity = "high"
    weight = 45
    fix = "mechanical"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 304}
    sample = "Settings.known?(by_number, 1_000)"
    words = ("keys",)
    before = """
        defmodule Settings do
          def known?(settings, name) do
            name in Map.keys(settings)
          end
        end
    """
    after = """
        defmodule Settings do
          def known?(settings, name) do
            Map.has_key?(settings, name)
          end
        end
    """
    more = (
        (
            """
            defmodule Settings do
              def known?(settings, name), do: settings |> Map.keys() |> Enum.member?(name)
            end
            """,
            """
            defmodule Settings do
              def known?(settings, name), do: settings |> Map.has_key?(name)
            end
            """,
        ),
        (
            """
            defmodule Settings do
              def known?(settings, name), do: Enum.member?(Map.keys(settings), name)
            end
            """,
            """
            defmodule Settings do
              def known?(settings, name), do: Map.has_key?(settings, name)
            end
            """,
        ),
        (
            """
            defmodule Settings do
              def unknown(settings, names), do: Enum.filter(names, &(&1 not in Map.keys(settings)))
            end
            """,
            """
            defmodule Settings do
              def unknown(settings, names), do: Enum.filter(names, &(not Map.has_key?(settings, &1)))
            end
            """,
        ),
        (
            """
            defmodule Settings do
              def known(settings, names), do: Enum.filter(names, &(&1 in Map.keys(settings)))
            end
            """,
            """
            defmodule Settings do
              def known(settings, names), do: Enum.filter(names, &Map.has_key?(settings, &1))
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Settings do
          def known?(settings, name) do
            names = Map.keys(settings)
            {names, name in names}
          end
        end
        """,
        """
        defmodule Settings do
          def known?(settings, name), do: name in Keyword.keys(settings)
        end
        """,
        """
        defmodule Settings do
          def first?(settings, name), do: name in Enum.take(Map.keys(settings), 1)
        end
        """,
        """
        defmodule Settings do
          def keys?(settings, lists), do: Map.keys(settings) in lists
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether the list of a map's keys is searched at once."""
        call = match.call
        if call is None or not call.to("Map", "keys", 1):
            return False
        search = _search(match, call)
        if search is None:
            return False
        if all(may_have_effects(match, each) for each in _asked(match, search, call)):
            match.review()
        match.underline(search)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write `Map.has_key?`."""
        call = match.call
        if call is None:
            return
        search, function = match.here, f"{match.named('Map')}.has_key?"
        a_map = call.arguments[0]
        sides = operands(search)
        member = match.read(search)
        _, key = _asked(match, search, call)
        match.spare_comments(search, match.span, [a_map, key])
        if member is not None and member.piped and call.piped and member.arguments[0] == call.whole:
            yield match.replaced(search, f"{match.up_to(call)}{function}({match.text(key)})")
            return
        new = f"{function}({match.argument(bare(a_map))}, {match.argument(bare(key))})"
        if sides is not None and sides[1] == "not in":
            yield match.replaced(search, f"not {new}")
        else:
            yield match.replaced_by_call(search, new)


def _asked(match: Match, search: Node, keys: Call) -> tuple[Node, Node]:
    """Return the map that is asked, and for what key."""
    member, sides = match.read(search), operands(search)
    key = member.arguments[1] if member is not None else sides[0] if sides is not None else search
    return keys.arguments[0], key


def _search(match: Match, keys: Call) -> Node | None:
    """Return what looks for something in the list of keys: `in`, `not in` or `Enum.member?`."""
    # A word's ancestors end with the dot and the call; parentheses, a pipe and arguments may stand around that.
    for node in reversed(match.ancestors[:-1]):
        sides = operands(node)
        if sides is not None and sides[1] in {"in", "not in"}:
            # Elixir reads `not key in list` as `not (key in list)`, the grammar as `(not key) in list`.
            is_read_otherwise = sides[0].type == "unary_operator" and sides[0].children[0].type in {"not", "!"}
            return node if bare(sides[2]) == keys.whole and not is_read_otherwise else None
        call = match.read(node)
        if call is not None and call.to("Enum", "member?", 2):
            before = step_before(match, call)
            return call.whole if before is not None and before.node == keys.node else None
        if node.type not in {"block", "arguments", "dot", "binary_operator"} and node != keys.node:
            return None
    return None
