"""Expressions of Elixir that fall apart, or take in what follows, without brackets around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import arguments_of, operands

if TYPE_CHECKING:
    from tree_sitter import Node

_CLOSER = frozenset({"|>", "++", "--", "<>", "+", "-", "*", "/"})
"""Operators that bind their sides more closely than a comparison does."""


def is_close(node: Node) -> bool:
    """Whether an expression holds together beside a comparison."""
    sides = operands(node)
    if sides is not None:
        return sides[1] in _CLOSER and is_close(sides[0]) and is_close(sides[2])
    if node.type == "call":
        target = node.child_by_field_name("target")
        return node.named_children[-1].type != "do_block" and (
            has_brackets(node) or (target is not None and arguments_of(node) is None)
        )
    if node.type == "unary_operator":
        return (node.text or b"")[:1] == b"@" or (node.text or b"")[1:].isdigit()
    return True


def is_open(node: Node) -> bool:
    """Whether an expression ends in a call without brackets, which takes in what is written behind it."""
    if node.type == "call":
        return arguments_of(node) is not None and not has_brackets(node) and node.named_children[-1].type != "do_block"
    ends_in_its_last = node.type in {"binary_operator", "unary_operator", "pair", "keywords"}
    return ends_in_its_last and bool(node.named_children) and is_open(node.named_children[-1])


def has_brackets(call: Node) -> bool:
    """Whether the arguments of a call stand in brackets."""
    given = arguments_of(call)
    return given is not None and given.child_count > 0 and given.children[0].type == "("
