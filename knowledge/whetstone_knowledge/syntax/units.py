"""The outermost function or method around a place: what a rewrite may touch and a proof exercises."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node


def unit_of(ancestors: Sequence[Node]) -> tuple[Node | None, Sequence[Node]]:
    """Return the outermost function (with its decorators) among `ancestors`, and the classes and the `def` it is in."""
    owners: list[Node] = []
    for depth, node in enumerate(ancestors):
        if node.type == "class_definition":
            owners.append(node)
        elif node.type == "function_definition":
            decorated = depth > 0 and ancestors[depth - 1].type == "decorated_definition"
            return ancestors[depth - 1] if decorated else node, [*owners, node]
    return None, ()


def dotted_name(owners: Sequence[Node], source: bytes) -> str:
    """Return `Class.method` for the classes and the `def` around a place."""
    names = (owner.child_by_field_name("name") for owner in owners)
    return ".".join(source[name.start_byte : name.end_byte].decode("utf-8", "replace") for name in names if name)
