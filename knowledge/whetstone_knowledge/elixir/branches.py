"""The branches of `fn`, `case`, `receive`, `rescue` and their like: patterns, guard and body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items, operands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """One `patterns when guard -> body`."""

    node: Node
    patterns: tuple[Node, ...]
    guard: Node | None
    body: tuple[Node, ...]

    @property
    def takes_all(self) -> bool:
        """Whether it takes whatever comes: variables, and no guard."""
        return self.guard is None and all(pattern.type == "identifier" for pattern in self.patterns)


def branches(node: Node) -> Iterator[Branch]:
    """Yield the branches that stand directly in a `fn`, a `do` block, or a `rescue`, `catch`, `else` or `after`."""
    for child in node.named_children:
        if child.type == "stab_clause":
            yield _branch(child)


def section(block: Node, kind: str) -> Node | None:
    """Return the `rescue`, `catch`, `else` or `after` of a `do` block."""
    return next((child for child in block.named_children if child.type == f"{kind}_block"), None)


def is_receive(call: Call | None) -> bool:
    """Whether a call is a `receive`."""
    return (
        call is not None and call.is_local and call.name == "receive" and not call.arguments and call.block is not None
    )


def _branch(node: Node) -> Branch:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    guard = None
    sides = operands(left) if left is not None else None
    if sides is not None and sides[1] == "when":
        left, _, guard = sides
    patterns = tuple(items(left)) if left is not None else ()
    return Branch(node, patterns, guard, tuple(items(right)) if right is not None else ())
