"""What stands around a node: the statements beside it, and what may catch an exception raised in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.syntax.match import Match
    from whetstone_knowledge.syntax.scopes import Occurrence

CATCHERS = frozenset({"try_statement", "with_statement"})
"""Statements after which the function may go on although something inside them raised."""
CLOSURES = frozenset({"function_definition", "lambda", "class_definition", "generator_expression"})
"""Code that may run at another time than the line it stands on."""
FEW = 8
"""So many rounds of a loop, or items of a list, cost about as much one way as the other."""
CONSUMERS = frozenset({"all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"})
"""Builtins that have read a generator to its end when they return (or as far as they ever will)."""


def holds(outer: Node, inner: Node) -> bool:
    """Whether `inner` is `outer` or stands in it."""
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def previous_statement(statement: Node) -> Node | None:
    """Return the statement before this one in its block, whatever comments stand between."""
    node = statement.prev_named_sibling
    while node is not None and node.type == "comment":
        node = node.prev_named_sibling
    return node


def next_statement(statement: Node) -> Node | None:
    """Return the statement after this one in its block, whatever comments stand between."""
    node = statement.next_named_sibling
    while node is not None and node.type == "comment":
        node = node.next_named_sibling
    return node


def may_be_caught(match: Match, node: Node) -> bool:
    """Whether the function itself may go on after an exception raised in `node`, one of the match's ancestors."""
    return any(
        outer.type in CATCHERS and outer != node and holds(outer, node) and match.function is not None
        and holds(match.function, outer)
        for outer in match.ancestors
    )  # fmt: skip


def assigned(statement: Node | None, name: str) -> Node | None:
    """Return the assignment in `statement` when it binds `name`, a single name, to a value; `None` otherwise."""
    if statement is None or statement.type != "expression_statement" or statement.named_child_count != 1:
        return None
    assignment = statement.named_children[0]
    left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if assignment.type != "assignment" or left is None or right is None or right.type == "assignment":
        return None
    return assignment if left.type == "identifier" and left.text == name.encode() else None


def is_short(loop: Node) -> bool:
    """Whether a loop certainly ends after a few rounds: over a display of a few items, or a small constant range."""
    source = loop.child_by_field_name("right")
    if source is None:
        return False
    if source.type in {"list", "set", "tuple", "expression_list"}:
        parts = source.named_children
        return len(parts) < FEW and not any(part.type == "list_splat" for part in parts)
    call = re.fullmatch(rb"range\((\d+)\)", source.text or b"")
    return call is not None and int(call[1]) < FEW


def is_deferred(found: Occurrence) -> bool:
    """Whether a name stands in code that may run later than its line: a nested function, an unread generator."""
    return any(frame.type in CLOSURES and not _is_consumed(frame) for frame in found.frames)


def _is_consumed(frame: Node) -> bool:
    """Whether a generator expression is the argument of a call that reads all of it before anything else happens."""
    call = frame.parent
    if call is not None and call.type == "argument_list" and call.named_child_count == 1:
        call = call.parent
    if frame.type != "generator_expression" or call is None or call.type != "call":
        return False
    function = call.child_by_field_name("function")
    if function is not None and function.type == "attribute":
        function = function.child_by_field_name("attribute")
        return function is not None and function.text in {b"extend", b"join", b"update"}
    return function is not None and (function.text or b"").decode() in CONSUMERS
