"""What a bottleneck is: something that was measured to cost too much, with how bad that is and what would help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from whetstone_server.metrics import Target

Severity = Literal["low", "medium", "high", "critical"]
_BARS: tuple[tuple[int, Severity], ...] = ((75, "critical"), (50, "high"), (25, "medium"))


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Something that costs too much."""

    subject: str
    """What it is about: a test, a benchmark, a function, a method of the server."""
    metric: str
    """What was measured of it; the code of the rule for findings."""
    impact: int
    """0 to 100."""
    sentence: str
    remedy: str
    """What would resolve it."""
    goal: Target | None = None
    """What the next measurement has to keep for it to be resolved; without one, not being found again is enough."""
    found_at: int = 0
    """When it was first seen, in microseconds since 1970; 0 before it is noted."""
    resolved_at: int | None = None
    """When a measurement first showed that it was gone."""

    @property
    def severity(self) -> Severity:
        """How bad it is, in a word."""
        return severity_of(self.impact)

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same from measurement to measurement."""
        return self.subject, self.metric


def severity_of(impact: int) -> Severity:
    """Return the word for an impact: critical from 75 on, high from 50, medium from 25, else low."""
    return next((word for bar, word in _BARS if impact >= bar), "low")


def impact_of(times_worse: float) -> int:
    """Return the impact of being so many times worse than wanted: 0 for once, 50 for twice, 90 for ten times.

    It is the share, in percent, of what is spent that would be saved if all were as it should be.
    """
    return round(100 * (1 - 1 / times_worse)) if times_worse > 1 else 0
