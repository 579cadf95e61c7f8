"""Lists that have something put at their end, and the same put in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items, operands
from whetstone_knowledge.elixir.effects import may_have_effects
from whetstone_knowledge.rule import Refused

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match


def appended_to(node: Node) -> Node | None:
    """Return the variable behind which an expression puts items, as in `list ++ [item]`; `None` for any other."""
    sides = operands(node)
    if sides is None or sides[1] != "++" or sides[0].type != "identifier" or sides[2].type != "list":
        return None
    return sides[0] if _items_of(sides[2]) else None


def put_in_front(match: Match, append: Node) -> str:
    """Return what puts the items in front of the list, the last one foremost.

    Raises `Refused` where it would show that they are worked out in that order.
    """
    sides = operands(append)
    if sides is None:
        return match.text(append)
    match.spare_comments(append, match.span_of(append))
    added = _items_of(sides[2])
    if sum(may_have_effects(match, item) for item in added) > 1:
        raise Refused("the items would be worked out the other way round, which may show")
    return f"[{', '.join(match.argument(item) for item in reversed(added))} | {match.text(sides[0])}]"


def _items_of(node: Node) -> list[Node]:
    """Return what stands in a list one by one; nothing for one with a tail or with keys."""
    held = items(node)
    joined = any(item.type == "keywords" or (operands(item) or ("", ""))[1] == "|" for item in held)
    return [] if joined else list(held)
