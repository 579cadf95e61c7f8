"""Dependence: how much less a series of values tells than as many independent ones would.

A value that is like its neighbour tells little that is new: the variance of every sum over the series is larger than
for independent values, by a factor that both tests here want (Bayley and Hammersley, 1946; for Kendall's score Hamed
and Rao, Journal of Hydrology 204, 1998).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whetstone_server.metrics.ranks import midranks

if TYPE_CHECKING:
    from collections.abc import Sequence

HIGHEST = 0.95
"""Of the correlation between neighbours: more looks like a random walk, which no window tells from a drift."""


def inflation(residuals: Sequence[float]) -> float:
    """Return the factor by which the variance of sums is larger than for independent values; never below 1.

    `residuals` are what is left of the values when what is looked for is taken out. Of two estimates the larger one is
    taken: that of a process in which only neighbours act on one another, and the sum of the correlations up to a
    distance of the root of the length, weighed by Bartlett's window (Newey and West, 1987).
    """
    n = len(residuals)
    ranks = midranks(residuals)
    middle = (n + 1) / 2
    centred = [rank - middle for rank in ranks]
    power = sum(each * each for each in centred)
    if n < 4 or power == 0:
        return 1.0
    reach = max(1, math.isqrt(n))
    correlations = [
        sum(a * b for a, b in zip(centred, centred[lag:], strict=False)) / power for lag in range(1, reach + 1)
    ]
    neighbour = min(HIGHEST, max(0.0, (n * correlations[0] + 2) / (n - 4)))
    summed = 1 + 2 * sum((1 - lag / (reach + 1)) * each for lag, each in enumerate(correlations, 1))
    return max(1.0, (1 + neighbour) / (1 - neighbour), summed * n / (n - reach))
