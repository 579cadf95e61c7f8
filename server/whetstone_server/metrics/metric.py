"""What a metric is: a named number with a unit, a better side, and perhaps a target."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Target:
    """The value a metric should not be on the wrong side of."""

    value: float
    better: Better

    def missed_by(self, value: float) -> float:
        """Return how far `value` lies on the wrong side, in the metric's own unit; 0 where the target is met."""
        return max(0.0, value - self.value if self.better == "lower" else self.value - value)

    def times_worse(self, value: float) -> float:
        """Return how many times worse than wanted a value is, a billion at the most; 1 on the spot.

        Where none is wanted, each one counts.
        """
        if self.better == "lower":
            return value / self.value if self.value > 0 else 1 + max(0.0, value - self.value)
        return min(self.value / value, 1e9) if value > 0 else 1e9

    @property
    def side(self) -> str:
        """Which side of the value is good, in words."""
        return "at most" if self.better == "lower" else "at least"


@dataclass(frozen=True, slots=True)
class Metric:
    """A named number."""

    name: str
    unit: str | None = None
    better: Better | None = None
    """Which way is good; `None` where neither its name nor whoever recorded it says so."""
    target: Target | None = None

    def said(self, value: float) -> str:
        """Return a value with its unit, as people write it: `12.5 ms`, also for 0.0125 s, `82 %`, `0.8`."""
        unit = self.unit
        if unit == "s" and 0 < abs(value) < 1:
            scale, unit = next(((scale, unit) for scale, unit in _SMALL if abs(value) * scale >= 1), _SMALL[-1])
            value *= scale
        return f"{number(value)} {unit}" if unit else number(value)


def metric_named(name: str, metadata: Mapping[str, str] | None = None, unit: str | None = None) -> Metric:
    """Return what is known of a metric: from our own list, else from its name.

    The keys `better` (`lower` or `higher`) and `target` (a number) of `metadata`, and `unit`, win over both.
    """
    said = metadata or {}
    known = KNOWN.get(name)
    unit = unit or (known.unit if known else _guessed_unit(name))
    better = _better(said.get("better")) or (known.better if known else _guessed_side(name, unit))
    target = known.target if known else None
    if (stated := _number(said.get("target"))) is not None and better is not None:
        target = Target(stated, better)
    return Metric(name, unit, better, target)


def number(value: float) -> str:
    """Return a number with three digits that count, and never fewer than its whole part has."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞"
    if value != 0 and (abs(value) >= 1e7 or abs(value) < 1e-4):
        return f"{value:.3g}"
    whole = len(str(int(abs(value))))
    digits = max(0, 3 - whole) if abs(value) >= 1 else 2 - _power(value)
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _power(value: float) -> int:
    """Return the power of ten of a value below 1; that of 0 is 0."""
    return int(f"{value:e}".partition("e")[2]) if value else 0


def _ours(name: str, unit: str | None, better: Better, target: float | None = None) -> Metric:
    return Metric(name, unit, better, None if target is None else Target(target, better))


KNOWN = {
    each.name: each
    for each in (
        _ours("server.index.files_per_second", "files/s", "higher", 50),
        _ours("server.memory.mb", "MB", "lower", 500),
        _ours("server.request.ms", "ms", "lower", 100),
        _ours("server.cpu.percent", "%", "lower", 70),
        _ours("server.cache.hit_rate", "%", "higher", 80),
        _ours("server.errors", None, "lower", 0),
        _ours("server.store.mb", "MB", "lower"),
        _ours("server.store.lag_ms", "ms", "lower", 1000),
        _ours("server.loop.lag_ms", "ms", "lower", 100),
        _ours("server.work.ms", "ms", "lower"),
        _ours("server.memory.resident_mb", "MB", "lower"),
        _ours("server.snapshot.ms", "ms", "lower", 200),
        _ours("server.proofs.per_hour", "per hour", "higher"),
        _ours("test_duration", "s", "lower"),
        _ours("test_session_duration", "s", "lower"),
    )
}
"""What Whetstone measures of itself and of tests, with the targets it holds itself to.

A hit rate is in percent, from 0 to 100. Errors are counted since the measurement before.
"""

_HIGHER = re.compile(
    r"throughput|per_(second|minute|hour|day)|/s\b|\b(hits?|hit_rate|hit_ratio|coverage|score|speedup|accuracy"
    r"|rps|qps|ops|success(es)?|uptime|availability|passed|free)\b"
)
_LOWER = re.compile(
    r"\b(durations?|time|times|latency|latencies|seconds|secs?|ms|us|ns|s|minutes|wait|lag|delay|memory|rss|heap"
    r"|errors?|failures?|failed|miss(es)?|size|bytes|kb|mb|gb|kib|mib|gib|cpu|allocations|leaks?|retries|timeouts?"
    r"|queue|backlog|dropped|cost|complexity|warnings|instructions|p50|p90|p95|p99)\b"
)
_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "seconds"), "s"),
    **dict.fromkeys(("ms", "milliseconds"), "ms"),
    **dict.fromkeys(("us", "microseconds"), "µs"),
    **dict.fromkeys(("ns", "nanoseconds"), "ns"),
    **dict.fromkeys(("percent", "pct"), "%"),
    **{unit.lower(): unit for unit in ("kB", "MB", "GB", "KiB", "MiB", "GiB", "bytes")},
}

_SMALL = ((1e3, "ms"), (1e6, "µs"), (1e9, "ns"))
"""What a second has of shorter units."""
_SPENT = frozenset(_UNITS.values()) - {"%"}
"""Units of what is spent, of which less is better."""


def _guessed_side(name: str, unit: str | None) -> Better | None:
    """Return which way is good by the words of a name, of which the last one decides, or else by the unit."""
    words = _spaced(name)
    higher = max((found.end() for found in _HIGHER.finditer(name.lower())), default=0)
    higher = max(higher, max((found.end() for found in _HIGHER.finditer(words)), default=0))
    lower = max((found.end() for found in _LOWER.finditer(words)), default=0)
    if higher == lower:
        return "lower" if unit in _SPENT else None
    return "higher" if higher > lower else "lower"


def _guessed_unit(name: str) -> str | None:
    return _UNITS.get(_spaced(name).rpartition(" ")[2])


def _spaced(name: str) -> str:
    """Return a name in small letters with a space between words."""
    return re.sub(r"[\s._\-/:]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).strip().lower()


def _better(said: str | None) -> Better | None:
    return "lower" if said == "lower" else "higher" if said == "higher" else None


def _number(said: str | None) -> float | None:
    try:
        return None if said is None else float(said)
    except ValueError:
        return None
