"""From timed quads to a speedup with an honest interval: pure statistics, on the safe side of the sandbox.

A sample is the ratio old/new of one A B B A quad. Quads of one process share its luck (where code and heap happened to
lie), and about one process in twenty is off by more than 2.4 % however long it runs, so the processes are what is
sampled first (Kalibera & Jones, "Rigorous benchmarking in reasonable time", ISMM 2013) and the interval comes from a
bootstrap over both levels (Davison & Hinkley, "Bootstrap methods and their application", 1997, sections 3.8 and 5.3.1).

Everything happens on logarithms, so that swapping old and new turns every answer exactly upside down.
"""

from __future__ import annotations

from math import exp, log, log1p
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Literal, TypeAlias

from whetstone_server.sandbox.verdict import Speedup

if TYPE_CHECKING:
    from collections.abc import Sequence

Judgement: TypeAlias = Literal["faster", "slower", "no-difference"]

TWINS = 800
"""Pairs of mirrored bootstrap replicates."""

NOISE_FLOOR = 0.005
"""The interval is never narrower than this on either side: the worst of 48 A/A runs of five processes was 0.49 %."""

FEW_PROCESSES_FLOOR = {1: 0.037, 2: 0.024, 3: 0.012, 4: 0.01}
"""What takes its place with fewer processes: one alone was off by up to 3.7 % in 99 of 100 A/A runs."""

STRETCH = {1: 1.0, 2: 5.0, 3: 2.6, 4: 1.7, 5: 1.4}
"""By processes: the percentile interval of a median of so few is too narrow, as it ends at the extremes seen.

The factors bring its coverage back to 95 % for normally distributed process medians, as simulated; `MANY` beyond them.
One process says nothing of how processes differ, so there the floor alone speaks of it."""

MANY = 1.3


def speedup(samples: Sequence[Sequence[float]], seed: int = 1) -> Speedup:
    """Return old/new over all processes, where `samples[p]` are the ratios of the quads of process `p`.

    The estimate is the median of the per-process medians, the interval holds at 95 %. Processes without a quad are
    passed over; ValueError when none is left or a ratio is not above zero. Same samples and seed, same answer.
    """
    processes = [sorted(map(log, ratios)) for ratios in samples if ratios]
    if not processes:
        raise ValueError("no process finished a single quad")
    estimate = median(map(median, processes))
    low, high = _percentiles(processes, Random(seed))  # noqa: S311 -- nobody guesses at a bootstrap
    stretch = STRETCH.get(len(processes), MANY)
    floor = log1p(FEW_PROCESSES_FLOOR.get(len(processes), NOISE_FLOOR))
    below = max(stretch * (estimate - low), floor)
    above = max(stretch * (high - estimate), floor)
    return Speedup(estimate=exp(estimate), low=exp(estimate - below), high=exp(estimate + above))


def judged(found: Speedup, threshold: float = 1.05) -> Judgement:
    """Return `faster` or `slower` only when the whole interval lies beyond the threshold on that side."""
    if found.low > threshold:
        return "faster"
    if found.high < 1 / threshold:
        return "slower"
    return "no-difference"


def _percentiles(processes: Sequence[Sequence[float]], dice: Random) -> tuple[float, float]:
    replicates: list[float] = []
    for _ in range(TWINS):
        drawn = [_resampled_median(process, dice) for process in dice.choices(processes, k=len(processes))]
        replicates += (median(value for value, _ in drawn), median(mirrored for _, mirrored in drawn))
    replicates.sort()
    tail = len(replicates) // 40
    return replicates[tail], replicates[-1 - tail]


def _resampled_median(ordered: Sequence[float], dice: Random) -> tuple[float, float]:
    """Return the median of one resample of `ordered`, and that of the resample mirrored end to end.

    The middle of n uniform draws has a beta distribution, so its place is drawn directly instead of n values; with an
    even n, the upper of the two middle ones is the smallest of the draws left above the lower one.
    """
    count = len(ordered)
    rank = (count + 1) // 2
    place = dice.betavariate(rank, count - rank + 1)
    lower = min(int(place * count), count - 1)
    if count % 2:
        return ordered[lower], ordered[-1 - lower]
    place += (1 - place) * (1 - dice.random() ** (1 / (count - rank)))
    upper = min(int(place * count), count - 1)
    return (ordered[lower] + ordered[upper]) / 2, (ordered[-1 - lower] + ordered[-1 - upper]) / 2
