"""Looking through a tree of tree-sitter, whatever the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node


def below(*nodes: Node) -> Iterator[Node]:
    """Yield nodes and every named node under each, in order of the text."""
    waiting = [*reversed(nodes)]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(current.named_children))


def path_to(root: Node, node: Node) -> Sequence[Node]:
    """Return the nodes around a node, from the root of its tree down to its parent."""
    # One walk down: repeated `.parent` would walk down from the root each time.
    path = []
    current = root
    while current != node:
        path.append(current)
        lower = current.child_with_descendant(node)
        if lower is None:
            break
        current = lower
    return path


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
