"""The functions of a text that is being edited, each ready to be parsed without the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from tree_sitter import Point, Range

from whetstone_knowledge.syntax.segments import cut

if TYPE_CHECKING:
    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.spans import Span
    from whetstone_knowledge.suppression import Suppression


@dataclass(slots=True)
class Head:
    """A class from its first line to its first method; moves as the text does."""

    start: int
    end: int
    row: int
    rows: int

    def range(self) -> Range:
        """Return it as a part to be parsed."""
        return Range(Point(self.row, 0), Point(self.row + self.rows, 0), self.start, self.end)


@dataclass(slots=True)
class Slot:
    """One outermost function with its decorators, from the start of its first line; moves as the text does."""

    start: int
    end: int
    row: int
    heads: tuple[Head, ...]
    """The classes around it, which its indentation hangs on."""
    findings: list[Finding]
    """What the rules match in it, also where a comment asks for silence."""
    silencing: list[Suppression] = field(default_factory=list)
    full: bool = False
    """Whether it reaches to the next one, because the place where it seemed to end was not its end."""

    def stretched(self, text: bytes, limit: int) -> int:
        """Return where lines end, before `limit`, that would belong to this function if something were typed there."""
        first_line = text[self.start : self.end]
        indent = first_line[: len(first_line) - len(first_line.lstrip(b" \t"))]
        rest = _rest(indent).match(text, self.end, limit)
        return rest.end() if rest else self.end

    def ranges(self, text: bytes, end: int) -> list[Range]:
        """Return the parts of `text` that are this function, up to `end`, under its heads."""
        rows = text.count(b"\n", self.start, end)
        column = end - max(text.rfind(b"\n", self.start, end) + 1, self.start)
        here = Range(Point(self.row, 0), Point(self.row + rows, column), self.start, end)
        return [*(head.range() for head in self.heads), here]


@lru_cache(maxsize=64)
def _rest(indent: bytes) -> re.Pattern[bytes]:
    """Return a pattern for the rest of a line and the blank or deeper lines after it."""
    deeper = re.escape(indent) + rb"[ \t][^\n]*"
    return re.compile(rb"[^\n]*(?:\n(?:[ \t\r]*(?=\n|\Z)|" + deeper + rb"))*")


def slots_in(text: bytes) -> list[Slot]:
    """Return a slot for each outermost function in `text`, in order; none when its quotes do not pair up."""
    rows = _Rows(text)
    heads: dict[Span, Head] = {}
    slots = []
    for segment in cut(text) or ():
        if segment.kind == "class":
            continue  # a class up to its first method is the head of its methods
        for span in segment.heads:
            if span not in heads:
                heads[span] = Head(*span, rows.at(span.start), text.count(b"\n", *span))
        # What follows the function's last line is blank, and is stretched over when it is typed in.
        end = segment.start + len(text[segment.start : segment.function_end(text)].rstrip())
        slots.append(Slot(segment.start, end, rows.at(segment.start), tuple(heads[span] for span in segment.heads), []))
    return slots


class _Rows:
    """Counts rows from offset to offset, each further on than those that were asked for before, or not far back."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._offset = self._row = 0

    def at(self, offset: int) -> int:
        ahead = offset >= self._offset
        between = (self._offset, offset) if ahead else (offset, self._offset)
        count = self._text.count(b"\n", *between)
        self._row += count if ahead else -count
        self._offset = offset
        return self._row
