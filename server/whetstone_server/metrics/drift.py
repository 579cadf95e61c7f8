"""Drift: whether a series rises or falls, and how steeply.

Whether: the test of Mann (1945) and Kendall (1975) with the correction for ties, which asks of every two values which
one is larger. How steeply: the median of the slopes between every two values, and their quantiles as its interval
(Theil, 1950; Sen, 1968). Neither minds outliers, skew or what the values are distributed like.
"""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.metrics.ranks import NORMAL, ties

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kendall(NamedTuple):
    """How much later values lie above earlier ones."""

    score: int
    """Pairs in which the later value is the larger one, less those in which it is the smaller one."""
    variance: float
    """Of the score, where there is nothing but independent noise."""

    def z(self, inflation: float = 1.0) -> float:
        """Return the score in standard deviations, whose square `inflation` multiplies; 0 where all values are equal.

        With the usual correction for continuity: a score moves in steps of two.
        """
        if self.variance == 0 or self.score == 0:
            return 0.0
        return (self.score - math.copysign(1, self.score)) / math.sqrt(self.variance * inflation)


class Slope(NamedTuple):
    """How steep a series is, per unit of `times`, with a 95 % interval."""

    estimate: float
    low: float
    high: float


def kendall(values: Sequence[float]) -> Kendall:
    """Return the score of the values in their order, in n log n steps by counting inversions while merging."""
    n = len(values)
    pairs = n * (n - 1) // 2
    equal = sum(count * (count - 1) // 2 for count in ties(values))
    _, inversions = _sorted_with_inversions(list(values))
    variance = n * (n - 1) * (2 * n + 5) - sum(each * (each - 1) * (2 * each + 5) for each in ties(values))
    return Kendall(pairs - equal - 2 * inversions, variance / 18)


def slope(times: Sequence[float], values: Sequence[float], inflation: float = 1.0) -> Slope:
    """Return the median slope between every two values; those at the same time tell nothing about it.

    Takes n² steps. `inflation` multiplies the variance of Kendall's score, for values that depend on one another.
    """
    slopes = sorted(
        (values[later] - values[earlier]) / (times[later] - times[earlier])
        for later in range(len(times))
        for earlier in range(later)
        if times[later] > times[earlier]
    )
    if not slopes:
        return Slope(0.0, -math.inf, math.inf)
    reach = NORMAL.inv_cdf(0.975) * math.sqrt(kendall(values).variance * inflation)
    low = math.floor((len(slopes) - reach) / 2)
    high = math.ceil((len(slopes) + reach) / 2)
    return Slope(
        median(slopes),
        slopes[low] if low >= 0 else -math.inf,
        slopes[high] if high < len(slopes) else math.inf,
    )


def _sorted_with_inversions(values: list[float]) -> tuple[list[float], int]:
    """Return the values sorted, and how many pairs stood the wrong way round."""
    if len(values) < 2:
        return values, 0
    middle = len(values) // 2
    left, inside_left = _sorted_with_inversions(values[:middle])
    right, inside_right = _sorted_with_inversions(values[middle:])
    merged: list[float] = []
    inversions, taken = inside_left + inside_right, 0
    for value in right:
        while taken < len(left) and left[taken] <= value:
            merged.append(left[taken])
            taken += 1
        inversions += len(left) - taken
        merged.append(value)
    return merged + left[taken:], inversions
