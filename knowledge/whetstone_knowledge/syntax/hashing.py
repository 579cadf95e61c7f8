"""What certainly cannot be a key or the item of a set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.syntax.facts import Facts
    from whetstone_knowledge.syntax.match import Match

_UNHASHABLE = frozenset({"list", "dict", "set", "deque"})


def is_after_a_failed_hash(match: Match) -> bool:
    """Whether code runs only after a `TypeError`: where what takes any item goes on with those without a hash."""
    return any(
        outer.type == "except_clause" and any(b"TypeError" in (part.text or b"") for part in outer.named_children[:-1])
        for outer in match.ancestors
    )


def is_unhashable(node: Node, facts: Facts) -> bool:
    """Whether an expression certainly has no hash: a list, a dictionary, a set, or a tuple with one of them."""
    if node.type in {"tuple", "parenthesized_expression"}:
        return any(is_unhashable(part, facts) for part in node.named_children)
    return facts.kind_of(node) in _UNHASHABLE


def holds_unhashable(value: Node, facts: Facts) -> bool:
    """Whether the items of a list, made by a display or a comprehension, certainly have no hash."""
    if value.type == "list":
        return any(is_unhashable(item, facts) for item in value.named_children)
    body = value.child_by_field_name("body") if value.type == "list_comprehension" else None
    return body is not None and is_unhashable(body, facts)
