"""Baselines: what is usual for a metric, and how far from it the newest measurements lie."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from whetstone_server.metrics import jump
from whetstone_server.metrics.dependence import inflation
from whetstone_server.metrics.ranks import two_sided
from whetstone_server.metrics.trends import moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.metrics.jump import Shift
    from whetstone_server.metrics.reading import Sample, Series

NORMAL_MAD = 1.4826
"""What makes the median absolute deviation the standard deviation, where values are normally distributed."""
FEWEST = 5
"""Moments of measuring on either side, below which nothing is said of a difference."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual."""

    level: float
    """The median."""
    spread: float
    """By the median absolute deviation, scaled to be a standard deviation for normal noise."""
    samples: int
    start: int
    end: int
    """Of the first sample and the last, in microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far newer measurements lie from a baseline."""

    baseline: Baseline
    shift: Shift | None
    """With a 95 % interval; `None` for too few measurements."""
    chance: float
    """Of such a difference in mere noise."""


def baseline(samples: Sequence[Sample]) -> Baseline:
    """Return what is usual, from at least one sample."""
    values = [sample.value for sample in samples]
    level = median(values)
    spread = NORMAL_MAD * median(abs(value - level) for value in values)
    return Baseline(level, spread, len(values), samples[0].time, samples[-1].time)


def compared(before: Series, after: Series) -> Comparison:
    """Return how far a series lies from an earlier one of the same metric that was taken alike.

    By the test of Mann and Whitney, with the variance that values have which depend on one another.
    """
    usual = baseline(before.samples)
    old, new = _medians(before), _medians(after)
    if min(len(old), len(new)) < FEWEST:
        return Comparison(usual, None, 1.0)
    residuals = [value - median(old) for value in old] + [value - median(new) for value in new]
    factor = inflation(residuals)
    found = jump.shift(old, new, factor)
    return Comparison(usual, found, two_sided(jump.z_of(old, new, factor)))


def matching(one: Series, others: Sequence[Series]) -> Series | None:
    """Return the series that was taken like `one`, by the metadata that both are told apart by."""
    for other in others:
        shared = one.meta.keys() & other.meta.keys()
        if other.metric.name == one.metric.name and all(one.meta[key] == other.meta[key] for key in shared):
            return other
    return None


def _medians(one: Series) -> list[float]:
    return [median(sample.value for sample in together) for together in moments(one.samples)]
