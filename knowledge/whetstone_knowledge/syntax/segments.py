"""A text cut at its functions without parsing it: what can be read on its own, and what can be left unread."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from tree_sitter import Point, Range

from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_Kind: TypeAlias = Literal["opening", "class", "decorator", "function"]

# The newline comes first, because `re` then skips from line to line as fast as memory can be read.
_HEAD = re.compile(rb"(?:\n|\A(?:\xef\xbb\xbf)?)(?:[ \t]*\x0c)*([ \t]*)(?:(class)\b|(@)|(?:async[ \t]+)?def\b)")
_TRIPLE_QUOTE = re.compile(rb"\"\"\"|'''")


@dataclass(slots=True)
class Segment:
    """One outermost function, decorators included, with what follows it up to the next one on its level.

    The first segment of a text may be its opening, when functions stand there under `if` or `try`.
    """

    start: int
    end: int
    indent: int
    heads: tuple[Span, ...]
    """The classes around it, each from its first line to its first method: what its indentation hangs on."""
    _kind: _Kind = "function"
    _last: int = field(default=0)
    """Where the last function or class inside it starts."""

    def function_end(self, text: bytes) -> int:
        """Return where the function ends, or a little later: the first line after it that is not deeper in."""
        if self._kind == "opening":
            return self.end
        line = text.find(b"\n", self._last, self.end)
        after = _shallow(self.indent).search(text, line, self.end) if line >= 0 else None
        return after.start() + 1 if after else self.end


@lru_cache(maxsize=64)
def _shallow(indent: int) -> re.Pattern[bytes]:
    return re.compile(rb"\n[ \t]{0,%d}[A-Za-z_@]" % indent)


def cut(text: bytes) -> list[Segment] | None:
    """Return the functions of `text`, in order, each to be parsed under its heads; `None` when quotes do not pair up.

    The cut is a guess from indentation. A wrong one shows as an error in the parsed segment.
    """
    strings = _triple_quoted(text)
    if strings is None:
        return None
    cutter = _Cutter()
    for start, indent, kind in _heads_outside(text, strings):
        cutter.meet(start, indent, kind)
    return cutter.finish(len(text))


class _Cutter:
    """Reads the heads of a text in order, and closes a segment where the next one begins."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._classes: list[tuple[int, Span]] = []
        self._open = Segment(0, 0, 0, (), "opening")

    def meet(self, start: int, indent: int, kind: _Kind) -> None:
        current = self._open
        if indent > current.indent and current._kind != "class":  # noqa: SLF001 -- this class makes the segments
            current._last = start  # noqa: SLF001
            return
        if indent == current.indent and current._kind == "decorator":  # noqa: SLF001
            current._kind, current._last = kind, start  # noqa: SLF001
            return
        self._close(start)
        while self._classes and self._classes[-1][0] >= indent:
            self._classes.pop()
        self._open = Segment(start, start, indent, tuple(span for _, span in self._classes), kind, start)

    def finish(self, end: int) -> list[Segment]:
        self._close(end)
        return self._segments

    def _close(self, end: int) -> None:
        current = self._open
        current.end = end
        if current._kind == "class":  # noqa: SLF001
            self._classes.append((current.indent, Span(current.start, end)))
        elif current._kind != "opening" or current._last:  # noqa: SLF001
            self._segments.append(current)


def _heads_outside(text: bytes, strings: Sequence[Span]) -> Iterator[tuple[int, int, _Kind]]:
    """Yield start of line, indentation and kind of each head that is not in a triple-quoted string."""
    number = 0
    for match in _HEAD.finditer(text):
        start = match.start() + 1 if text[match.start() : match.start() + 1] == b"\n" else 0
        while number < len(strings) and strings[number].end <= start:
            number += 1
        if number < len(strings) and strings[number].start < start:
            continue
        yield start, len(match[1]), "class" if match[2] else "decorator" if match[3] else "function"


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
