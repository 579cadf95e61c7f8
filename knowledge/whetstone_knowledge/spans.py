"""Where something stands in a text: byte spans and what they touch."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of bytes in a UTF-8 text."""

    start: int
    end: int

    def touches(self, other: Span) -> bool:
        """Whether the two share a byte or meet at one."""
        return self.start <= other.end and other.start <= self.end

    def holds(self, other: Span) -> bool:
        """Whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def shifted(self, by: int) -> Span:
        """Return the same range, `by` bytes further on."""
        return Span(self.start + by, self.end + by)
