"""Trends: where a series is going over a window, how surely, and whether it drifted or jumped."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from statistics import fmean, median, pstdev
from typing import TYPE_CHECKING, Literal

from whetstone_server.metrics import drift, jump
from whetstone_server.metrics.dependence import inflation
from whetstone_server.metrics.ranks import two_sided
from whetstone_server.metrics.reading import series
from whetstone_server.metrics.season import DAY, without_daily_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from whetstone_server.metrics.reading import Sample, Series

SIGNIFICANT = 0.05
"""The chance of a change in mere noise, below which a series counts as rising or falling."""
FEWEST = 8
"""Moments of measuring below which a series is too short to have a direction."""
MOMENTS = 200
"""How finely a window is looked at. What was measured closer together, such as the rounds of one run, counts once."""
CLEARLY = 0.97
"""Of what a line leaves unexplained that a jump may leave at most to be called one: it had its place to choose, too."""
Direction = Literal["rising", "falling", "steady"]


@dataclass(frozen=True, slots=True)
class Change:
    """How a series changed within its window, and how much, with a 95 % interval in the metric's unit."""

    shape: Literal["drift", "jump"]
    estimate: float
    """From the beginning of the window to its end."""
    low: float
    high: float
    before: float
    """The level it came from."""
    at: int | None = None
    """When it jumped: the time of the first sample behind it. Nothing for a drift."""
    last_before: int | None = None
    """The time of the last sample before it jumped."""

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval of how much it went up, or down: the smaller bound first, which may lie on the other side."""
        return (self.low, self.high) if self.estimate >= 0 else (-self.high, -self.low)

    @property
    def share(self) -> float | None:
        """The change as a share of the level before; `None` where that is 0."""
        return self.estimate / abs(self.before) if self.before else None


@dataclass(frozen=True, slots=True)
class Trend:
    """Where a series is going."""

    series: Series
    mean: float
    median: float
    spread: float
    """Standard deviation."""
    chance: float
    """Of a change as marked as this one in mere noise; small is significant."""
    change: Change | None
    """What changes, if anything does: the likelier of drift and jump. `None` for too few samples and for constants."""

    @property
    def direction(self) -> Direction:
        """Which way it goes; steady unless that is significant."""
        if self.change is None or self.chance >= SIGNIFICANT or self.change.estimate == 0:
            return "steady"
        return "rising" if self.change.estimate > 0 else "falling"

    @property
    def verdict(self) -> Literal["better", "worse"] | None:
        """Whether that is good; `None` when it is steady, or nobody said which side is good."""
        better = self.series.metric.better
        if self.direction == "steady" or better is None:
            return None
        return "better" if (self.direction == "rising") == (better == "higher") else "worse"


def trend(
    name: str,
    metadata: Mapping[str, str] | None = None,
    *,
    window: timedelta = timedelta(days=7),
    workspace: Path | None = None,
) -> Trend | None:
    """Return where a metric has been going over the last `window`; `None` when it was not measured.

    `metadata` narrows it to samples with that metadata; `workspace` is the project, found as `record` finds it when
    not given. Raises `InputError` when nothing was ever recorded there, or when samples that may not be compared are
    asked for as one: the message names the metadata that tells them apart.
    """
    from whetstone_server.errors import InputError  # noqa: PLC0415 -- importing this package costs nothing
    from whetstone_server.events.event import now  # noqa: PLC0415
    from whetstone_server.metrics.recording import to_read  # noqa: PLC0415

    start = now() - window // timedelta(microseconds=1)
    said = {key: str(value) for key, value in (metadata or {}).items()}
    with to_read(workspace) as store:
        found = series(store, name, start, meta=said)
    if len(found) > 1:
        one = next((f"{key}={value}" for key, value in found[0].meta.items()), "")
        raise InputError(f"{name} was measured in {len(found)} ways that cannot be compared; ask for one, as {one}")
    return trend_of(found[0]) if found else None


def trend_of(one: Series) -> Trend:
    """Return where a series is going.

    Two questions are asked, about a drift and about a jump, so the smaller of their chances is doubled (Bonferroni).
    Noise of any distribution passes for a change in less than one window out of twenty, also when neighbours are
    alike, values are rounded, or days have a pattern.
    """
    values = one.values
    chance, change = _changed(one.samples)
    return Trend(one, fmean(values), median(values), pstdev(values), chance, change)


def moments(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    """Yield what was measured at about the same time: within the same of `MOMENTS` parts of the window."""
    first, last = samples[0].time, samples[-1].time
    width = max(1, (last - first) // MOMENTS)
    for _, together in groupby(samples, key=lambda sample: (sample.time - first) // width):
        yield list(together)


def _changed(samples: Sequence[Sample]) -> tuple[float, Change | None]:
    at_moments = list(moments(samples))
    if len(at_moments) < FEWEST:
        return 1.0, None
    times = [together[0].time for together in at_moments]
    values = without_daily_pattern(times, [median(sample.value for sample in together) for together in at_moments])
    score, cut = drift.kendall(values), jump.cut(values)
    if cut is None or score.variance == 0:
        return 1.0, None
    days = [(time - times[0]) / DAY for time in times]
    steepness = drift.slope(days, values).estimate
    before, after = values[: cut.place], values[cut.place :]
    line = _residuals(values, [steepness * day for day in days])
    step = _residuals(values, [median(before)] * len(before) + [median(after)] * len(after))
    drifted = _deviation(step) > CLEARLY * _deviation(line)
    factor = inflation(line if drifted else step)
    chance = min(1.0, 2 * min(two_sided(score.z(factor)), cut.chance(factor)))
    if not drifted:
        at, last_before = at_moments[cut.place][0].time, at_moments[cut.place - 1][-1].time
        return chance, Change("jump", *jump.shift(before, after, factor), median(before), at, last_before)
    along = drift.slope(days, values, factor)
    level = median(value - along.estimate * day for value, day in zip(values, days, strict=True))
    rise = [days[-1] * each for each in along]
    return chance, Change("drift", rise[0], rise[1], rise[2], level)


def _residuals(values: Sequence[float], model: Sequence[float]) -> list[float]:
    left = [value - expected for value, expected in zip(values, model, strict=True)]
    level = median(left)
    return [each - level for each in left]


def _deviation(residuals: Sequence[float]) -> float:
    return math.fsum(map(abs, residuals))
