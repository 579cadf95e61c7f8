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
    from collections.abc import Callable, Iterator

_START = re.compile(rb"^[^\s#)\]}]", re.MULTILINE)
"""The first column of a line, unless it only closes a bracket: a top-level statement, or a line of a string."""
_QUOTES = re.compile(rb"\"{3}|'{3}")
_CLOSING = {
    b'"""': re.compile(rb'(?:[^\\]|\\.)*?"""', re.DOTALL),
    b"'''": re.compile(rb"(?:[^\\]|\\.)*?'''", re.DOTALL),
}
_TOKEN = re.compile(rb""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?P<open>["'#])""", re.DOTALL)
"""A whole string, or else the beginning of one that goes on, or of a comment."""
_WORD = re.compile(rb"[A-Za-z_0-9\x80-\xff]+")
_DEFINED = re.compile(rb"(?:async\s+)?(?:def|class)\s+([A-Za-z_0-9\x80-\xff]+)")
_IMPORTING = frozenset({b"import", b"from", b"as"})


class Piece(NamedTuple):
    """A top-level statement, with the names it binds; without any it counts for every function."""

    span: Span
    names: frozenset[bytes]


def pieces(source: bytes) -> tuple[Piece, ...]:
    """Return the top-level statements; a decorator goes with what it decorates."""
    if source.count(b"\r") != source.count(b"\r\n"):  # a line may end where no pattern here looks for it
        return (Piece(Span(0, len(source)), frozenset()),)
    return tuple(_split(source))


def surroundings(source: bytes, unit: Span, split: Callable[[bytes], tuple[Piece, ...]] = pieces) -> bytes:
    """Return a digest that stays the same as long as a verdict on the function at `unit` does.

    `split` is `pieces`, or something that remembers its answers.
    """
    digest = blake2b(source[unit.start : unit.end], digest_size=16)
    words = set(_WORD.findall(source, unit.start, unit.end))
    for span in sorted(_reached(split(source), unit, words, source)):
        digest.update(b"\0" + source[span.start : span.end].rstrip())
    return digest.digest()


def _reached(all_pieces: tuple[Piece, ...], unit: Span, words: set[bytes], source: bytes) -> list[Span]:
    """Return the pieces that count for the function at `unit`, which uses `words`; the class around it is one."""
    waiting = [piece for piece in all_pieces if not unit.start <= piece.span.start < unit.end]
    spans: list[Span] = []
    while counting := [piece for piece in waiting if _counts(piece, unit, words)]:
        waiting = [piece for piece in waiting if not _counts(piece, unit, words)]
        for span, _ in counting:
            spans.append(span)
            words.update(_WORD.findall(source, *span))
    return spans


def _counts(piece: Piece, unit: Span, words: set[bytes]) -> bool:
    return not piece.names or not piece.names.isdisjoint(words) or piece.span.holds(unit)


def _split(source: bytes) -> Iterator[Piece]:
    starts = list(_starts(source))
    first = None
    for start, end in zip(starts, [*starts[1:], len(source)], strict=True):
        first = start if first is None else first
        if source[start : start + 1] != b"@":
            yield Piece(Span(first, end), _names(source, start, end))
            first = None


def _starts(source: bytes) -> Iterator[int]:
    """Yield where top-level statements start, leaving out lines inside strings."""
    strings = _long_strings(source)
    inside = next(strings, None)
    for match in _START.finditer(source):
        while inside and inside.end <= match.start():
            inside = next(strings, None)
        if not inside or match.start() <= inside.start:
            yield match.start()


def _long_strings(source: bytes) -> Iterator[Span]:
    """Yield the strings that may go over several lines."""
    position = 0
    while quotes := _QUOTES.search(source, position):
        line = max(source.rfind(b"\n", position, quotes.start()) + 1, position)
        if any(token["open"] for token in _TOKEN.finditer(source, line, quotes.start())):
            position = quotes.end()  # in a comment or in a short string
            continue
        closing = _CLOSING[quotes[0]].match(source, quotes.end())
        position = closing.end() if closing else len(source)
        yield Span(quotes.start(), position)


def _names(source: bytes, start: int, end: int) -> frozenset[bytes]:
    """Return what a function, a class or an import binds; nothing for any other statement."""
    if defined := _DEFINED.match(source, start, end):
        return frozenset([defined[1]])
    statement = source[start:end]
    if not statement.startswith((b"import ", b"from ")) or any(
        word in statement for word in (b"*", b";", b"__future__")
    ):
        return frozenset()
    return frozenset(_WORD.findall(statement)) - _IMPORTING
