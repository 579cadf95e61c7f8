"""Edits to a text, and the smallest ones that lead from one text to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from whetstone_knowledge.spans import Span


class Edit(NamedTuple):
    """Replace a byte range of the old text with new text."""

    span: Span
    text: str


def applied(source: bytes, edits: tuple[Edit, ...]) -> bytes:
    """Return `source` with every edit made; raises `ValueError` when two of them cross."""
    pieces: list[bytes] = []
    position = 0
    for span, text in sorted(edits):
        if span.start < position:
            raise ValueError("two edits touch the same text")
        pieces += [source[position : span.start], text.encode()]
        position = span.end
    return b"".join([*pieces, source[position:]])
