"""What the event store's benchmark measures, what each measure is held to, and how that is written down."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS, FULL, NORMAL, COMPOSITE_FULL, COMPOSITE, PLAIN = "whetstone", "a, FULL", "a, NORMAL", "b, FULL", "b, NORMAL", "c"
INGEST, CPU = "durable ingest, thousand events/s", "CPU, µs/event"
P50, P99, WORST = "record(), p50, µs", "record(), p99, µs", "record(), worst, µs"
SIZE, COMPACT = "whole file, bytes/event", "whole file, compacted, bytes/event"
NEWEST, NEWEST_KIND = "newest 100, ms", "newest 100 of document.change, ms"
IN_SECOND, IN_MINUTE, IN_HOUR = "range of 1 s, ms", "range of 1 min, ms", "range of 1 h, ms"
RARE, RARE_ALL = "search of a rare word, newest 100, ms", "search of a rare word, all, ms"
COMMON, COMMON_ALL = "search of a common word, newest 100, ms", "search of a common word, all, ms"
BY_MINUTE, LET_GO = "24 h by minute and kind, ms", "deleting half, ms"
OPEN, MEMORY = "open for reading, newest 1, ms", "anonymous memory after 20,000 writes, MB"

Results = dict[str, dict[str, list[float]]]
"""For each measure and each store what each round came to."""


class Bar(NamedTuple):
    """What is held to: at most `limit`, or that many times as good as some others."""

    limit: float
    against: tuple[str, ...] = ()
    """The best of these; without any the limit is one of itself."""
    more_is_better: bool = False

    def said(self, medians: dict[str, float]) -> str:
        """Return the bar and whether it is met, or by how much it is missed."""
        ours = medians[OURS]
        if not self.against:
            return f"≤ {self.limit:g}: {_verdict(self.limit / ours)}"
        others = [medians[name] for name in self.against]
        factor = ours / max(others) if self.more_is_better else min(others) / ours
        than = "SQLite" if len(self.against) > 1 else f"({self.against[0]})"
        return f"≥ {self.limit:g}× {than}: {factor:.3g}×, {_verdict(factor / self.limit)}"


def _verdict(reached: float) -> str:
    return "met" if reached >= 1 else f"**missed** by {1 / reached:.2f}×"


BARS = {
    INGEST: (Bar(12, (FULL,), more_is_better=True), Bar(10, (NORMAL,), more_is_better=True)),
    CPU: (Bar(10, (NORMAL,)),),
    P50: (Bar(2),),
    P99: (Bar(30),),
    WORST: (Bar(1_000),),
    SIZE: (Bar(7.5),),
    NEWEST: (Bar(0.3),),
    IN_SECOND: (Bar(0.1),),
    IN_HOUR: (Bar(3, (NORMAL,)),),
    RARE: (Bar(100),),
    RARE_ALL: (Bar(100),),
    COMMON: (Bar(1, (NORMAL, COMPOSITE)),),
    COMMON_ALL: (Bar(1, (NORMAL, COMPOSITE)),),
    BY_MINUTE: (Bar(0.1),),
    LET_GO: (Bar(300),),
    OPEN: (Bar(1),),
    MEMORY: (Bar(10),),
}


def table(results: Results, measures: Sequence[str], names: Sequence[str]) -> str:
    """Return a table of what came to in each store, with the bars."""
    shown = [name if name == OURS else f"({name})" for name in names]
    rows = [f"| | {' | '.join(shown)} | bar |", "|---" * (len(names) + 2) + "|"]
    for measure in measures:
        found = results[measure]
        medians = {name: statistics.median(values) for name, values in found.items()}
        said = "; ".join(bar.said(medians) for bar in BARS.get(measure, ()))
        rows.append(f"| {measure} | {' | '.join(_cell(found.get(name)) for name in names)} | {said} |")
    return "\n".join(rows)


def _cell(values: Sequence[float] | None) -> str:
    if not values:
        return ""
    median = _number(statistics.median(values))
    return median if len(values) == 1 else f"{median} ({_number(min(values))}–{_number(max(values))})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
