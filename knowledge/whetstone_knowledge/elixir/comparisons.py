"""Numbers that are compared with zero to learn whether there is anything at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whetstone_knowledge.elixir.calls import operands

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

_EMPTY = frozenset({("==", "0"), ("===", "0"), ("<", "1"), ("<=", "0")})
_FILLED = frozenset({("!=", "0"), ("!==", "0"), (">", "0"), (">=", "1")})
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_EQUALITIES = frozenset({"==", "!=", "===", "!==", "=~"})


class Comparison(NamedTuple):
    """A count compared with zero, or as good as that."""

    node: Node
    """All of it."""
    asks_for_empty: bool
    """Whether it is true where nothing is counted, rather than where something is."""


def compared_with_zero(match: Match, count: Node) -> Comparison | None:
    """Return the comparison that a count is one side of; `None` where it is compared with anything but zero."""
    node = count.parent
    sides = operands(node) if node is not None else None
    if node is None or sides is None:
        return None
    left, operator, right = sides
    number = right if left == count else left
    if number != right:
        operator = _MIRRORED.get(operator, operator)
    asked = (operator, match.text(number))
    if asked not in _EMPTY | _FILLED or _is_compared_again(node):
        return None
    return Comparison(node, asked in _EMPTY)


def _is_compared_again(node: Node) -> bool:
    """Whether the answer is one side of an equality: with another operator it might become part of that."""
    sides = operands(node.parent) if node.parent is not None else None
    return sides is not None and sides[1] in _EQUALITIES
