"""Jump: whether a series changes its level once, where, and by how much.

Whether and where: the cut at which the two sides differ most by the test of Mann and Whitney, with the chance that
noise has such a cut somewhere (maximally selected rank statistics: Miller and Siegmund, Biometrics 38, 1982; Lausen
and Schumacher, Biometrics 48, 1992). By how much: the median of the differences between a value behind the cut and one
before it (Hodges and Lehmann, 1963), with the interval that the same test gives (Moses, 1965).
"""

from __future__ import annotations

import math
from itertools import accumulate
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.metrics.ranks import NORMAL, midranks

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORTEST = 3
"""Values on either side of a cut: fewer are outliers, not a level."""
SHARE = 0.05
"""Of all values that must lie on either side of a cut."""


class Cut(NamedTuple):
    """The place where two sides differ most."""

    place: int
    """Of the first value behind it."""
    z: float
    """Of Mann and Whitney's test there; positive where the values behind it are the larger ones."""
    length: int
    """Of the series."""

    def chance(self, inflation: float = 1.0) -> float:
        """Return the chance that noise has a cut as marked as this one; `inflation` multiplies the variance.

        An upper bound, by the process that the statistic tends to.
        """
        height = abs(self.z) / math.sqrt(inflation)
        if height < 1.0:
            return 1.0
        edge = _margin(self.length) / self.length
        density = NORMAL.pdf(height)
        odds = 2 * math.log((1 - edge) / edge)
        return min(1.0, (height - 1 / height) * density * odds + 4 * density / height)


class Shift(NamedTuple):
    """How far apart two levels are, with a 95 % interval."""

    estimate: float
    low: float
    high: float


def cut(values: Sequence[float]) -> Cut | None:
    """Return the most marked cut; `None` for a series that is too short or the same throughout."""
    n, margin = len(values), _margin(len(values))
    ranks = midranks(values)
    middle = (n + 1) / 2
    variance = sum((rank - middle) ** 2 for rank in ranks) / (n - 1) if n > 1 else 0.0
    if n < 2 * margin or variance == 0:
        return None
    sums = list(accumulate(middle - rank for rank in ranks))
    zs = {
        place: sums[place - 1] / math.sqrt(variance * place * (n - place) / n)
        for place in range(margin, n - margin + 1)
    }
    place = max(zs, key=lambda place: abs(zs[place]))
    return Cut(place, zs[place], n)


def shift(before: Sequence[float], after: Sequence[float], inflation: float = 1.0) -> Shift:
    """Return how far the values after lie above those before; takes as many steps as there are pairs."""
    differences = sorted(late - early for late in after for early in before)
    spread = math.sqrt(len(differences) * (len(before) + len(after) + 1) / 12 * inflation)
    low = math.floor(len(differences) / 2 - NORMAL.inv_cdf(0.975) * spread)
    return Shift(
        median(differences),
        differences[low] if low >= 0 else -math.inf,
        differences[-1 - low] if low >= 0 else math.inf,
    )


def z_of(before: Sequence[float], after: Sequence[float], inflation: float = 1.0) -> float:
    """Return Mann and Whitney's test of two samples in standard deviations; 0 where all values are equal."""
    n, middle = len(before) + len(after), (len(before) + len(after) + 1) / 2
    ranks = midranks([*before, *after])
    variance = sum((rank - middle) ** 2 for rank in ranks) / (n - 1)
    if variance == 0:
        return 0.0
    spread = math.sqrt(variance * len(before) * len(after) / n * inflation)
    return sum(middle - rank for rank in ranks[: len(before)]) / spread


def _margin(length: int) -> int:
    return max(SHORTEST, math.ceil(SHARE * length))
