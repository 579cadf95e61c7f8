"""What a trial showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Answer: TypeAlias = Literal["faster", "no-difference", "slower", "broken", "not-exercised", "not-tried"]
Ring: TypeAlias = Literal["recorded", "annotated", "grown-within", "grown-beyond"]


@dataclass(frozen=True, slots=True)
class Speedup:
    """Old time over new time, above 1 = faster, with its 95 % interval."""

    estimate: float
    low: float
    high: float
    confidence: float = 0.95

    @property
    def gain(self) -> str:
        """The estimate, as in "12.3×"."""
        return f"{_factor(self.estimate)}×"

    @property
    def interval(self) -> str:
        """The interval, as in "11.8–12.9"."""
        return f"{_factor(self.low)}–{_factor(self.high)}"

    def __str__(self) -> str:
        return f"{self.gain} ({self.interval})"


def _factor(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


@dataclass(frozen=True, slots=True)
class Workload:
    """The calls that both sides were run on."""

    sources: tuple[Literal["recorded-calls", "tests", "generated"], ...] = ()
    calls: int = 0
    """Calls to the function while the project's tests ran."""
    distinct_inputs: int = 0
    """Different inputs on which behaviour was compared."""
    tests: int = 0
    """The project's tests that reach the function and passed with the rewrite in place."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The smallest input found on which old and new differ, in Python source as far as it can be written so."""

    input: str
    before: str
    after: str
    ring: Ring


@dataclass(frozen=True, slots=True)
class Growth:
    """The gain at one size of input: items in the largest collection of the call."""

    size: int
    speedup: Speedup


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "is the new code equal and faster?", with its reason and everything that supports it."""

    answer: Answer
    reason: str
    """One sentence, for a person."""
    speedup: Speedup | None = None
    workload: Workload = Workload()
    counterexample: Counterexample | None = None
    assumptions: tuple[Counterexample, ...] = ()
    """Inputs unlike any recorded or annotated one on which old and new differ: what the answer takes for granted."""
    growth: tuple[Growth, ...] = ()
    """The gain by size of input, smallest first."""
    unreached: tuple[int, ...] = ()
    """Lines of the old function that no input reached, 1-based in its file."""
    lines: int = 0
    """How many lines of the old function there are to reach; 0 where that was not looked at."""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the fields of one verdict as the JSON contract names them."""
        speedup = self.speedup
        return {
            "verdict": self.answer,
            "reason": self.reason,
            "speedup": speedup
            and {
                "estimate": round(speedup.estimate, 4),
                "low": round(speedup.low, 4),
                "high": round(speedup.high, 4),
                "confidence": speedup.confidence,
            },
            "workload": {
                "sources": list(self.workload.sources),
                "calls": self.workload.calls,
                "distinct_inputs": self.workload.distinct_inputs,
                "tests": self.workload.tests,
            },
            "counterexample": self.counterexample and _difference(self.counterexample),
            "assumptions": [_difference(assumption) for assumption in self.assumptions],
            "growth": [
                {
                    "size": step.size,
                    "estimate": round(step.speedup.estimate, 4),
                    "low": round(step.speedup.low, 4),
                    "high": round(step.speedup.high, 4),
                }
                for step in self.growth
            ],
            "unreached_lines": list(self.unreached),
            "lines": self.lines,
            "seconds": round(self.seconds, 3),
        }


def _difference(found: Counterexample) -> dict[str, str]:
    return {"input": found.input, "before": found.before, "after": found.after, "ring": found.ring}
