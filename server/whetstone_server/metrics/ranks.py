"""Ranks: what the tests for drift and jump look at instead of the values, so that no outlier can sway them."""

from __future__ import annotations

from collections import Counter
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NORMAL = NormalDist()


def midranks(values: Sequence[float]) -> list[float]:
    """Return each value's rank from 1 on; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + end + 1) / 2
        start = end
    return ranks


def ties(values: Iterable[float]) -> list[int]:
    """Return how often each value that comes more than once does."""
    return [count for count in Counter(values).values() if count > 1]


def two_sided(z: float) -> float:
    """Return how likely a standard normal number lies as far from 0 as `z`."""
    return 2 * NORMAL.cdf(-abs(z))
