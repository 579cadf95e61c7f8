"""What a parser could not understand of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from tree_sitter import Node


def errors(root: Node) -> list[Span]:
    """Return the spans of all `ERROR` and missing nodes, looking only where the tree says there are some."""
    spans = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            # A missing token has no bytes; what ends right there may have been closed by it.
            spans.append(Span(node.start_byte - node.is_missing, node.end_byte + node.is_missing))
        elif node.has_error:
            waiting.extend(node.children)
    return spans
