"""WE211: everything sorted for its first or its last."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.calls import items
from whetstone_knowledge.elixir.pipes import merged, steps
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement


class WholeSortForOneEnd(ElixirRule):
    """Sorts everything to take the first or the last.

    One pass finds the smallest or the largest: of 1,000 maps the one with the smallest count took 94 µs by sorting and
    19 µs by `Enum.min_by/2`, of 20,000 ten times as long. The rule stays quiet where more than one is taken, and where
    the sorted list has a name.

    Among equals `Enum.max` gives the first, where the last of a sorted list is the last of them. Where there is nothing
    at all, `hd` raises `ArgumentError` and `Enum.min` raises `Enum.EmptyError`.
    """

    code = "WE211"
    title = "Find it in one pass"
    message = "Everything is sorted for what `{end}` takes"
    severity = "medium"
    weight = 30
    fix = "review"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 2.72}
    sample = "Shop.cheapest(rows)"
    words = ("hd", "first", "last", "at")
    before = """
        defmodule Shop do
          def cheapest(offers) do
            offers
            |> Enum.sort_by(& &1.price)
            |> hd()
          end
        end
    """
    after = """
        defmodule Shop do
          def cheapest(offers) do
            offers
            |> Enum.min_by(& &1.price)
          end
        end
    """
    more = (
        (
            """
            defmodule Shop do
              def dearest(offers), do: offers |> Enum.map(& &1.price) |> Enum.sort(:desc) |> List.first()
            end
            """,
            """
            defmodule Shop do
              def dearest(offers), do: offers |> Enum.map(& &1.price) |> Enum.max(fn -> nil end)
            end
            """,
        ),
        (
            """
            defmodule Shop do
              def latest(dates), do: List.last(Enum.sort(dates, Date))
            end
            """,
            """
            defmodule Shop do
              def latest(dates), do: Enum.max(dates, Date, fn -> nil end)
            end
            """,
        ),
        (
            """
            defmodule Shop do
              def oldest(offers), do: offers |> Enum.sort_by(& &1.on, {:desc, Date}) |> Enum.at(-1)
            end
            """,
            """
            defmodule Shop do
              def oldest(offers), do: offers |> Enum.min_by(& &1.on, Date, fn -> nil end)
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop do
          def cheapest(offers), do: offers |> Enum.sort_by(& &1.price) |> Enum.take(3)
        end
        """,
        """
        defmodule Shop do
          def median(prices), do: prices |> Enum.sort() |> Enum.at(div(length(prices), 2))
        end
        """,
        """
        defmodule Shop do
          def bounds(prices) do
            sorted = Enum.sort(prices)
            {hd(sorted), List.last(sorted)}
          end
        end
        """,
        """
        defmodule Shop do
          def newest(shelf), do: shelf |> Shelf.sort() |> hd()
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether one end is taken of what was sorted right before."""
        two = steps(match)
        if two is None or not (two.first.to("Enum", "sort", 1, 2) or two.first.to("Enum", "sort_by", 2, 3)):
            return False
        match.also("end", match.leaf)
        return _end(match, two.second) is not None

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write `min` or `max`, by the same function and in the same order."""
        two = steps(match)
        if two is None:
            return
        end = _end(match, two.second)
        by = two.first.arguments[1:2] if two.first.name == "sort_by" else ()
        descends, module = _order(match, two.first.arguments[1 + len(by) :])
        name = ("max" if descends == (end == "first") else "min") + ("_by" if by else "")
        ordered = (module,) if module is not None else ()
        yield merged(match, two, f"{match.named('Enum')}.{name}", *by, *ordered, *_otherwise(match, two.second))


def _end(match: Match, call: Call) -> str | None:
    """Return which end a call takes: `first` or `last`."""
    if match.is_kernel(call, "hd", 1) or call.to("List", "first", 1, 2):
        return "first"
    if call.to("List", "last", 1, 2):
        return "last"
    if call.to("Enum", "at", 2):
        return {"0": "first", "-1": "last"}.get(match.text(call.arguments[1]))
    return None


def _order(match: Match, sorter: tuple[Node, ...]) -> tuple[bool, Node | None]:
    """Return whether a sorter descends, and the module that compares."""
    if not sorter:
        return False, None
    (given,) = sorter
    direction, module = given, None
    if given.type == "tuple" and len(items(given)) == 2:
        direction, module = items(given)
    if given.type == "alias":
        return False, given
    if match.text(direction) not in {":asc", ":desc"} or (module is not None and module.type != "alias"):
        raise Refused("how the sorter orders is not known here")
    return match.text(direction) == ":desc", module


def _otherwise(match: Match, call: Call) -> tuple[str, ...]:
    """Return what is given where there is nothing, as a function; `hd` raises."""
    if call.name == "hd":
        return ()
    given = match.text(call.arguments[1]) if call.name in {"first", "last"} and call.arity == 2 else "nil"
    return (f"fn -> {given} end",)
