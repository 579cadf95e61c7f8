"""Where a text's outermost functions stand, and how each can be parsed without the rest of the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tree_sitter import Point, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.finding import Finding

_HOLDERS = frozenset({"class_definition", "if_statement", "with_statement", "for_statement", "while_statement"})
"""Statements whose first line alone makes sense above an indented function; `try` wants its `except` too."""
_WAYS_DOWN = _HOLDERS | {
    "block",
    "case_clause",
    "decorated_definition",
    "elif_clause",
    "else_clause",
    "ERROR",
    "except_clause",
    "finally_clause",
    "match_statement",
    "module",
    "try_statement",
}


@dataclass(slots=True)
class Head:
    """The first line or lines of a statement that holds functions, such as `class A(B):`; moves as the text does."""

    start: int
    end: int
    row: int
    rows: int


@dataclass(slots=True)
class Slot:
    """One outermost function with its decorators, from the start of its first line; moves as the text does."""

    start: int
    end: int
    row: int
    heads: tuple[Head, ...] | None
    """What must stand above it for its indentation to make sense; `None` when that cannot be had."""
    findings: list[Finding]

    def stretched(self, text: bytes, limit: int) -> int:
        """Return where lines end, before `limit`, that would belong to this function if something were typed there."""
        indent = text[self.start : self.end]
        indent = indent[: len(indent) - len(indent.lstrip(b" \t"))]
        rest = _rest(indent).match(text, self.end, limit)
        return rest.end() if rest else self.end

    def ranges(self, text: bytes, end: int) -> list[Range]:
        """Return the parts of `text` that are this function, up to `end`, under its heads."""
        parts = [
            Range(Point(head.row, 0), Point(head.row + head.rows, 0), head.start, head.end) for head in self.heads or ()
        ]
        rows = text.count(b"\n", self.start, end)
        column = end - max(text.rfind(b"\n", self.start, end) + 1, self.start)
        return [*parts, Range(Point(self.row, 0), Point(self.row + rows, column), self.start, end)]


@lru_cache(maxsize=64)
def _rest(indent: bytes) -> re.Pattern[bytes]:
    """Return a pattern for the rest of a line and the blank or deeper lines after it."""
    deeper = re.escape(indent) + rb"[ \t][^\n]*"
    return re.compile(rb"[^\n]*(?:\n(?:[ \t\r]*(?=\n|\Z)|" + deeper + rb"))*")


def slots_in(root: Node, text: bytes) -> list[Slot]:
    """Return a slot for each outermost function under `root`, in order."""
    return sorted(_slots(root, text, ()), key=lambda slot: slot.start)


def _slots(node: Node, text: bytes, heads: tuple[Head, ...] | None) -> Iterator[Slot]:
    for child in node.named_children:
        if child.type == "function_definition" or _defines_function(child):
            yield _slot(child, text, heads)
        elif child.type in _WAYS_DOWN:
            yield from _slots(child, text, _below(child, text, heads))


def _defines_function(node: Node) -> bool:
    definition = node.child_by_field_name("definition") if node.type == "decorated_definition" else None
    return definition is not None and definition.type == "function_definition"


def _slot(node: Node, text: bytes, heads: tuple[Head, ...] | None) -> Slot:
    start = text.rfind(b"\n", 0, node.start_byte) + 1
    alone = not text[start : node.start_byte].strip()
    return Slot(start if alone else node.start_byte, node.end_byte, node.start_point.row, heads if alone else None, [])


def _below(node: Node, text: bytes, heads: tuple[Head, ...] | None) -> tuple[Head, ...] | None:
    """Return what must stand above a function in `node`, when `heads` must stand above `node` itself."""
    if heads is None or node.type in {"block", "decorated_definition", "module"}:
        return heads
    body = node.child_by_field_name("body") or node.child_by_field_name("consequence")
    if node.type not in _HOLDERS or body is None or body.start_point.row == node.start_point.row:
        return None
    start = text.rfind(b"\n", 0, node.start_byte) + 1
    end = text.rfind(b"\n", 0, body.start_byte) + 1
    rows = body.start_point.row - node.start_point.row
    return (*heads, Head(start, end, node.start_point.row, rows))
