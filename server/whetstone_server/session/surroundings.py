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
_MOST_STATEMENTS = 4096
"""Statements whose words are remembered."""
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


def surroundings(source: bytes, unit: Span) -> bytes:
    """Return a digest that stays the same as long as a verdict on the function at `unit` does."""
    return Divider()(source).surroundings(unit)


class Divider:
    """Divides texts into statements; what words stand in one is remembered, for most are the same in the next text."""

    def __init__(self) -> None:
        self._words: dict[bytes, frozenset[bytes]] = {}

    def __call__(self, source: bytes) -> Division:
        """Return a text in its statements."""
        return Division(source, self)

    def words(self, statement: bytes) -> tuple[bytes, frozenset[bytes]]:
        """Return the digest of a statement, and the words in it."""
        digest = blake2b(statement.rstrip(), digest_size=16).digest()
        words = self._words.get(digest)
        if words is None:
            if len(self._words) >= _MOST_STATEMENTS:
                self._words.clear()
            words = self._words[digest] = frozenset(_WORD.findall(statement))
        return digest, words


class Division:
    """A text in its top-level statements, and what a verdict on each of its functions rests on among them."""

    def __init__(self, source: bytes, divider: Divider) -> None:
        self._source = source
        self._divider = divider
        self._pieces = pieces(source)
        self._named: dict[bytes, list[int]] = {}
        for number, piece in enumerate(self._pieces):
            for name in piece.names:
                self._named.setdefault(name, []).append(number)
        self._names = self._named.keys()
        self._known: dict[int, tuple[bytes, frozenset[bytes]]] = {}
        self._digests: dict[Span, bytes] = {}
        self._always: frozenset[int] | None = None

    def surroundings(self, unit: Span) -> bytes:
        """Return a digest that stays the same as long as a verdict on the function at `unit` does."""
        if unit not in self._digests:
            self._digests[unit] = self._digest(unit)
        return self._digests[unit]

    def _digest(self, unit: Span) -> bytes:
        text = self._source[unit.start : unit.end]
        holding = [number for number, piece in enumerate(self._pieces) if piece.span.holds(unit)]
        reached = self._reached(self._used(frozenset(_WORD.findall(text))) | set(holding), self._counting_always())
        digest = blake2b(text, digest_size=16)
        for number in sorted(reached):
            if not unit.start <= self._pieces[number].span.start < unit.end:
                digest.update(self._look(number)[0])
        return digest.digest()

    def _counting_always(self) -> frozenset[int]:
        """Return the statements that run whatever is called, and all that these use."""
        if self._always is None:
            nameless = {number for number, piece in enumerate(self._pieces) if not piece.names}
            self._always = self._reached(nameless, frozenset())
        return self._always

    def _reached(self, waiting: set[int], reached: frozenset[int]) -> frozenset[int]:
        """Return `reached` with the statements that wait, and all that these use, directly or through one another."""
        found = set(reached)
        while waiting := waiting - found:
            found |= waiting
            words = frozenset().union(*(self._look(number)[1] for number in waiting))
            waiting = self._used(words)
        return frozenset(found)

    def _used(self, words: frozenset[bytes]) -> set[int]:
        """Return the statements that bind one of `words`."""
        return {number for name in words & self._names for number in self._named[name]}

    def _look(self, number: int) -> tuple[bytes, frozenset[bytes]]:
        if number not in self._known:
            start, end = self._pieces[number].span
            self._known[number] = self._divider.words(self._source[start:end])
        return self._known[number]


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
