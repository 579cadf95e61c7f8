"""Looking through a tree-sitter subtree: what stands below a node, and which of it matters to a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

CLOSURES = frozenset({"lambda", "function_definition", "class_definition"})
"""Code that may run later, or more often, than the place where it stands."""
PAUSES = frozenset({"yield", "await"})
"""Places where other code runs before the next line does."""


def contains(node: Node, *types: frozenset[str]) -> bool:
    """Whether a node of one of `types` stands in `node`, or is it."""
    return any(each.type in group for each in below(node) for group in types)


def names(node: Node) -> frozenset[bytes]:
    """Return every name read or bound in `node`; names of attributes and of keyword arguments are not among them."""
    return frozenset(each.text or b"" for each in below(node) if is_name(each))


def is_name(node: Node) -> bool:
    """Whether a node is an identifier that stands for a variable, not for an attribute or a keyword argument."""
    if node.type != "identifier" or node.parent is None:
        return False
    parent = node.parent
    if parent.type == "attribute":
        return parent.child_by_field_name("attribute") != node
    return parent.type != "keyword_argument" or parent.child_by_field_name("name") != node


def statements(block: Node) -> Sequence[Node]:
    """Return what a block is made of, without its comments."""
    return [child for child in block.named_children if child.type != "comment"]


def arguments(call_arguments: Node) -> Sequence[Node]:
    """Return the arguments of a call, without comments."""
    return [child for child in call_arguments.named_children if child.type != "comment"]


def header(loop: Node) -> Node:
    """Return the expression that a loop runs over, or the test of a `while`, without the brackets around it."""
    found = loop.child_by_field_name("right") or loop.child_by_field_name("condition")
    return bare(found or loop)


def bare(node: Node) -> Node:
    """Return an expression without the brackets around it, which is how LibCST counts its place."""
    while node.type == "parenthesized_expression":
        node = next((child for child in node.named_children if child.type != "comment"), node.named_children[0])
    return node
