"""Our byte offsets ↔ LSP positions, in whichever units the client counts characters."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Text:
    r"""The text of one open document as UTF-8, and the way from the client's positions to its bytes and back.

    A position behind the end of a line means that end, one behind the last line the end of the text, and one inside
    a character its beginning. Lines end at `\n`, `\r\n` and `\r`, and at nothing else.
    """

    def __init__(self, text: str, encoding: types.PositionEncodingKind | str) -> None:
        self.source = encoded(text)
        self._lines = Lines(self.source)
        self._bytes_in, self._units_in = _UNITS[types.PositionEncodingKind(encoding)]

    def replace(self, span: Span, new: bytes) -> None:
        """Put `new` where `span` is, at a cost that grows with the edit and one copy of the text."""
        self.follow(b"".join((self.source[: span.start], new, self.source[span.end :])), span, len(new))

    def follow(self, source: bytes, span: Span, size: int) -> None:
        """Take over `source`, the text after `span` was replaced by `size` bytes by somebody else."""
        self.source = source
        self._lines.follow(source, span, size)

    def offset(self, position: types.Position) -> int:
        """Return the byte at which the client's `position` points."""
        if position.line >= len(self._lines):
            return len(self.source)
        start = self._lines.start(position.line)
        line = self.source[start : self._content_end(position.line)]
        return start + self._bytes_in(line, position.character)

    def position(self, offset: int) -> types.Position:
        """Return the client's name for a byte offset."""
        line = self._lines.at(min(offset, len(self.source)))
        head = self.source[self._lines.start(line) : offset]
        if head.endswith(b"\r"):  # between the two bytes of one line break, where no position points
            head = head[:-1]
        return types.Position(line=line, character=self._units_in(head))

    def span(self, where: types.Range) -> Span:
        """Return the bytes that the client's range covers, also when it was given backwards."""
        start, end = sorted((self.offset(where.start), self.offset(where.end)))
        return Span(start, end)

    def range(self, span: Span) -> types.Range:
        """Return the client's name for a span of bytes."""
        return types.Range(start=self.position(span.start), end=self.position(span.end))

    def line_end(self, offset: int) -> int:
        """Return where the line ends that the byte at `offset` stands in, its line break left out."""
        return self._content_end(self._lines.at(offset))

    def _content_end(self, line: int) -> int:
        """Return where a line ends, its line break left out."""
        if line + 1 >= len(self._lines):
            return len(self.source)
        end = self._lines.start(line + 1) - 1
        if self.source[end] == _NEWLINE and end and self.source[end - 1] == _RETURN and end > self._lines.start(line):
            return end - 1
        return end


_NEWLINE, _RETURN = b"\n\r"


def encoded(text: str) -> bytes:
    """Return `text` as UTF-8; half a surrogate pair becomes U+FFFD, which is as long in every encoding."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).encode()


class Lines:
    """Where each line of a text starts, kept up to date at a cost that grows with the edit and not with the text.

    Lines up to the last edit are counted from the beginning of the text and those behind it from its end, so an edit
    there shifts neither.
    """

    def __init__(self, source: bytes) -> None:
        self._length = len(source)
        self._above = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
        if source and not source.endswith((b"\n", b"\r")):
            self._above.pop()  # the end of the text starts no line
        self._below: list[int] = []  # distances from the end of the text, the last line first

    def __len__(self) -> int:
        return len(self._above) + len(self._below)

    def start(self, line: int) -> int:
        """Return the byte at which a line starts."""
        if line < len(self._above):
            return self._above[line]
        return self._length - self._below[len(self) - 1 - line]

    def at(self, offset: int) -> int:
        """Return the line that the byte at `offset` stands in."""
        from_end = self._length - offset
        if not self._below or from_end > self._below[-1]:
            return bisect_right(self._above, offset) - 1
        return len(self) - 1 - bisect_left(self._below, from_end)

    def follow(self, source: bytes, span: Span, size: int) -> None:
        """Take note that `span` was replaced by `size` bytes, which made the text `source`."""
        above, below = self._above, self._below
        while below and self._length - below[-1] <= span.end:
            above.append(self._length - below.pop())
        while above[-1] > span.end:
            below.append(self._length - above.pop())
        first = max(span.start, 1)  # the first line starts at 0 whatever is edited
        while above[-1] >= first:
            above.pop()
        self._length = len(source)
        above.extend(_starts_between(source, first, span.start + size))


def _starts_between(source: bytes, first: int, last: int) -> list[int]:
    """Return the line starts from `first` to `last`, both included: each depends on the byte before it and its own."""
    ends = (match.end() for match in _LINE_END.finditer(source[first - 1 : last + 1]))
    return [first - 1 + end for end in ends if first - 1 + end <= last]


def _utf8_bytes(line: bytes, units: int) -> int:
    end = min(units, len(line))
    while 0 < end < len(line) and line[end] & 0xC0 == 0x80:
        end -= 1
    return end


def _utf16_bytes(line: bytes, units: int) -> int:
    if line.isascii():
        return min(units, len(line))
    # Half a pair at the cut is dropped by the decoder, which is what "its beginning" asks for.
    head = line.decode().encode("utf-16-le")[: 2 * units]
    return len(head.decode("utf-16-le", "ignore").encode())


def _utf32_bytes(line: bytes, units: int) -> int:
    if line.isascii():
        return min(units, len(line))
    return len(line.decode()[:units].encode())


def _utf16_units(head: bytes) -> int:
    return len(head) if head.isascii() else len(head.decode("utf-8", "ignore").encode("utf-16-le")) // 2


def _utf32_units(head: bytes) -> int:
    return len(head) if head.isascii() else len(head.decode("utf-8", "ignore"))


_UNITS: dict[types.PositionEncodingKind, tuple[Callable[[bytes, int], int], Callable[[bytes], int]]] = {
    types.PositionEncodingKind.Utf8: (_utf8_bytes, len),
    types.PositionEncodingKind.Utf16: (_utf16_bytes, _utf16_units),
    types.PositionEncodingKind.Utf32: (_utf32_bytes, _utf32_units),
}
