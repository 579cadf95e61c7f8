"""What a verdict on a function depends on in its own file.

A proof runs a function together with whatever it calls and reads. So a verdict holds for the function's text, for the
module-level statements that run whatever is called, and for the other functions, classes and imports that it names,
directly or through one of these. Changing anything else in the file leaves the verdict standing.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    rb'"""(?:[^\\]|\\.)*?"""'
    rb"|'''(?:[^\\]|\\.)*?'''"
    rb'|"(?:[^"\\\r\n]|\\.)*"'
    rb"|'(?:[^'\\\r\n]|\\.)*'"
    rb"|\#[^\r\n]*"
    rb"|(?P<start>^(?=[^\s\#)\]}]))",
    re.DOTALL | re.MULTILINE,
)
"""Strings and comments, so that nothing inside them counts, and the starts of top-level statements."""
_WORD = re.compile(rb"[A-Za-z_0-9\x80-\xff]+")
_DEFINED = re.compile(rb"(?:async\s+)?(?:def|class)\s+([A-Za-z_0-9\x80-\xff]+)")
_IMPORTING = frozenset({b"import", b"from", b"as"})


class _Piece(NamedTuple):
    """A top-level statement, with the names it binds; without any it counts for every function."""

    span: Span
    names: frozenset[bytes]


def surroundings(source: bytes, unit: Span) -> bytes:
    """Return a digest that stays the same as long as a verdict on the function at `unit` does."""
    digest = blake2b(source[unit.start : unit.end], digest_size=16)
    words = set(_WORD.findall(source, unit.start, unit.end))
    waiting = [piece for piece in _pieces(source) if not unit.holds(Span(piece.span.start, piece.span.start + 1))]
    kept: list[_Piece] = []
    while reached := [piece for piece in waiting if not piece.names or piece.names & words]:
        kept += reached
        waiting = [piece for piece in waiting if piece not in reached]
        for piece in reached:
            words.update(_WORD.findall(source, *piece.span))
    for span, _ in sorted(kept):
        digest.update(b"\0" + source[span.start : span.end].rstrip())
    return digest.digest()


def _pieces(source: bytes) -> Iterator[_Piece]:
    """Yield the top-level statements; a decorator goes with what it decorates."""
    starts = [match.start() for match in _TOKEN.finditer(source) if match["start"] is not None]
    first = None
    for start, end in zip(starts, [*starts[1:], len(source)], strict=True):
        first = start if first is None else first
        if source[start : start + 1] != b"@":
            yield _Piece(Span(first, end), _names(source, start, end))
            first = None


def _names(source: bytes, start: int, end: int) -> frozenset[bytes]:
    """Return what a function, a class or an import binds; nothing for any other statement."""
    if defined := _DEFINED.match(source, start, end):
        return frozenset([defined[1]])
    statement = source[start:end]
    if not statement.startswith((b"import ", b"from ")) or b"*" in statement or b"__future__" in statement:
        return frozenset()
    return frozenset(_WORD.findall(statement)) - _IMPORTING
