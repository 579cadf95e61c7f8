"""A text cut at its functions without parsing it: what can be read on its own, and what can be left unread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from tree_sitter import Point, Range

from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Kind: TypeAlias = Literal["opening", "class", "decorator", "function"]

# The newline comes first, because `re` then skips from line to line as fast as memory can be read, and a look at the
# first letter passes over nearly every line.
_HEAD = re.compile(rb"\n([ \t\x0c]*+)(?=[@acd])(?:(class)\b|(@)|(?:async[ \t]+)?def\b)")
_FIRST_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?([ \t\x0c]*)(?:(class)\b|(@)|(?:async[ \t]+)?def\b)")
_DEF = re.compile(rb"\bdef\b")
_TRIPLE_QUOTE = re.compile(rb"\"\"\"|'''")


@dataclass(slots=True)
class Segment:
    """One outermost function, decorators included, with what follows it up to the next one on its level.

    What stands before the first function of a text or of a class is one too, when a `def` is hidden there.
    """

    start: int
    end: int
    indent: int
    heads: tuple[Span, ...]
    """The classes around it, each from its first line to its first method: what its indentation hangs on."""
    kind: Kind = "function"
    last: int = 0
    """Where the last function or class inside it starts."""

    @property
    def is_function(self) -> bool:
        """Whether it begins with a function, and not with what stands before one."""
        return self.kind in {"decorator", "function"}

    def function_end(self, text: bytes) -> int:
        """Return where the function seems to end: at the first line after its last `def` that is not deeper in.

        Such a line may still be inside brackets or a string; then what stands before it does not parse.
        """
        if not self.is_function:
            return self.end
        line = text.find(b"\n", self.last, self.end)
        after = _shallow(self.indent).search(text, line, self.end) if line >= 0 else None
        if after is None or _DEF.search(text, after.start(), self.end):
            return self.end
        return after.start() + 1


@lru_cache(maxsize=64)
def _shallow(indent: int) -> re.Pattern[bytes]:
    return re.compile(rb"\n(?<!\\\n)(?<!\\\r\n)[ \t]{0,%d}[A-Za-z_@]" % indent)


def cut(text: bytes) -> list[Segment] | None:
    """Return the functions of `text`, in order, each to be parsed under its heads; `None` when quotes do not pair up.

    The cut is a guess from indentation. A wrong one shows as an error in the parsed segment.
    """
    strings = _triple_quoted(text)
    if strings is None:
        return None
    cutter = _Cutter(text)
    for start, indent, kind in _heads_outside(text, strings):
        cutter.meet(start, indent, kind)
    return cutter.finish(len(text))


class _Cutter:
    """Reads the heads of a text in order, and closes a segment where the next one begins."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._segments: list[Segment] = []
        self._classes: list[tuple[int, Span]] = []
        self._open = Segment(0, 0, 0, (), "opening")

    def meet(self, start: int, indent: int, kind: Kind) -> None:
        current = self._open
        if indent > current.indent and current.kind != "class":
            current.last = start
            return
        if current.kind == "class" and self._is_left(current.indent, start):
            current.kind = "opening"
            if indent > current.indent:
                return
        elif self._classes and self._is_left(self._classes[-1][0], start):
            # A `try` or `if` after a class; the functions in it only look like methods of the class.
            current.indent = self._classes[-1][0]
            if indent > current.indent:
                current.last = start
                return
        elif indent == current.indent and current.kind == "decorator":
            current.kind, current.last = kind, start
            return
        self._close(start)
        while self._classes and self._classes[-1][0] >= indent:
            self._classes.pop()
        self._open = Segment(start, start, indent, tuple(span for _, span in self._classes), kind, start)

    def _is_left(self, indent: int, start: int) -> bool:
        """Whether a line between the last head and `start` is not deeper in than a class at `indent`."""
        line = self._text.find(b"\n", self._open.last, start)
        return line >= 0 and _shallow(indent).search(self._text, line, start - 1) is not None

    def finish(self, end: int) -> list[Segment]:
        self._close(end)
        return self._segments

    def _close(self, end: int) -> None:
        current = self._open
        current.end = end
        if current.kind == "class":
            self._classes.append((current.indent, Span(current.start, end)))
        # Under `if` or `try`, or where quotes in a comment made code look like a string, a `def` is no head.
        if current.is_function or _DEF.search(self._text, current.start, end):
            self._segments.append(current)


def _heads_outside(text: bytes, strings: Sequence[Span]) -> Iterator[tuple[int, int, Kind]]:
    """Yield start of line, indentation and kind of each head that is not in a triple-quoted string."""
    number = 0
    first = _FIRST_HEAD.match(text)
    if first:
        yield 0, _width(first[1]), _kind(first)
    for match in _HEAD.finditer(text):
        start = match.start() + 1
        while number < len(strings) and strings[number].end <= start:
            number += 1
        if number < len(strings) and strings[number].start < start:
            continue
        yield start, _width(match[1]), _kind(match)


def _width(indent: bytes) -> int:
    """Return how far in a line is; a form feed begins it again."""
    return len(indent) - (indent.rfind(b"\x0c") + 1)


def _kind(head: re.Match[bytes]) -> Kind:
    return "class" if head[2] else "decorator" if head[3] else "function"


def _triple_quoted(text: bytes) -> list[Span] | None:
    """Return the triple-quoted strings; `None` when the last one does not end.

    Quotes in comments and in other strings are taken for real ones. That hides heads or cuts in a string,
    and so leads to longer segments or to errors, but not to wrong findings.
    """
    strings = []
    begin, quote = -1, b""
    for match in _TRIPLE_QUOTE.finditer(text):
        if begin < 0:
            begin, quote = match.start(), match[0]
        elif match[0] == quote and not _escaped(text, match.start()):
            strings.append(Span(begin, match.end()))
            begin = -1
    return strings if begin < 0 else None


def _escaped(text: bytes, offset: int) -> bool:
    slashes = 0
    while text[offset - slashes - 1 : offset - slashes] == b"\\":
        slashes += 1
    return slashes % 2 == 1


def ranges_of(spans: Sequence[Span]) -> list[Range]:
    """Return what tells a parser to read only `spans`.

    Rows are offsets here: nothing that is found is reported by row, and counting lines would cost more than it tells.
    """
    return [Range(Point(start, 0), Point(end, 0), start, end) for start, end in spans]
