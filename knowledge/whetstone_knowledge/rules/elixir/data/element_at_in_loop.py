"""WE206: elements of a list taken by their position, one in each round of a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.loops import before_loop, fresh, is_item, outermost_without
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_knowledge.elixir.match import Match, Replacement


class ElementAtInLoop(ElixirRule):
    """Takes elements of one list by their position, one for each item of another.

    `Enum.at/2` walks the list from its begin each time: 2,000 elements out of 20,000 took 59 ms, out of a tuple
    0.04 ms. The rule stays quiet where the position is the same in each round, and where the list is another one.

    `elem/2` raises where `Enum.at/2` gives `nil`, for a position behind the end, and takes no negative positions; a
    tuple is made of a list only, not of a range or a map. Where two lists are walked side by side, `Enum.zip/2` says it
    better than either.
    """

    code = "WE206"
    title = "Make it a tuple before the loop"
    message = "`Enum.at` walks `{list}` from its begin in each round"
    severity = "high"
    weight = 45
    fix = "review"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 44.5}
    sample = "Deck.drawn(numbers, positions)"
    words = ("at",)
    before = """
        defmodule Deck do
          def drawn(cards, positions) do
            Enum.map(positions, fn position -> Enum.at(cards, position) end)
          end
        end
    """
    after = """
        defmodule Deck do
          def drawn(cards, positions) do
            cards_tuple = List.to_tuple(cards)
            Enum.map(positions, fn position -> elem(cards_tuple, position) end)
          end
        end
    """
    more = (
        (
            """
            defmodule Deck do
              def dealt(cards, hands) do
                for hand <- hands do
                  Enum.map(hand, &(cards |> Enum.at(&1)))
                end
              end
            end
            """,
            """
            defmodule Deck do
              def dealt(cards, hands) do
                cards_tuple = List.to_tuple(cards)

                for hand <- hands do
                  Enum.map(hand, &(cards_tuple |> elem(&1)))
                end
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Deck do
          def seconds(hands), do: Enum.map(hands, fn hand -> Enum.at(hand, 1) end)
        end
        """,
        """
        defmodule Deck do
          def drawn(cards, position), do: Enum.at(cards, position)
        end
        """,
        """
        defmodule Deck do
          def marked(cards, hands) do
            Enum.map(hands, fn hand -> {hand, Enum.at(cards, 0)} end)
          end
        end
        """,
        """
        defmodule Deck do
          def drawn(hands) do
            Enum.map(hands, fn {cards, position} -> Enum.at(cards, position) end)
          end
        end
        """,
        """
        defmodule Deck do
          def swept(cards, positions) do
            Enum.reduce(positions, cards, fn position, cards -> [Enum.at(cards, position)] end)
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether an element of a list from outside the loop is taken by a position that the loop gives."""
        call = match.call
        if call is None or not call.to("Enum", "at", 2, 3) or not match.loops:
            return False
        a_list, position = call.arguments[:2]
        if a_list.type != "identifier" or outermost_without(match, match.text(a_list)) is None:
            return False
        match.also("list", a_list)
        return is_item(match, position, match.loops[0])

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Make a tuple of the list before the loop, and take from that."""
        call, a_list = match.call, match.node("list")
        loop = outermost_without(match, match.text(a_list))
        if call is None or loop is None:
            return
        if call.arity == 3:
            raise Refused("`elem/2` knows nothing to give for a position behind the end")
        if not match.means_kernel("elem", 2):
            raise Refused("`elem/2` is another function here")
        given = match.text(a_list)
        name = fresh(match, f"{given}_tuple")
        yield before_loop(match, loop, given, f"{name} = {match.named('List')}.to_tuple({given})")
        yield match.replaced(a_list, name)
        target = call.node.child_by_field_name("target")
        if target is not None:
            yield match.replaced(target, "elem")
