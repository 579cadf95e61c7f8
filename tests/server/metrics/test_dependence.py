"""Neighbours that are alike are noticed, and cost what they should."""

from __future__ import annotations

from statistics import median

import pytest

from tests.server.metrics.noise import autocorrelated, made, normal
from whetstone_server.metrics.dependence import inflation


def usual(kind, count, *, seeds=40, **how):
    return median(inflation(made(lambda dice, n: kind(dice, n, **how), seed, count)) for seed in range(seeds))


def test_independent_values_cost_little():
    assert 1 <= usual(normal, 500) < 1.35


@pytest.mark.parametrize("neighbour", [0.3, 0.5, 0.7])
def test_alike_neighbours_cost_what_theory_says(neighbour):
    """By (1 + r) / (1 - r), where r is the correlation of neighbours."""
    expected = (1 + neighbour) / (1 - neighbour)
    assert usual(autocorrelated, 500, neighbour=neighbour) == pytest.approx(expected, rel=0.2)


def test_never_less_than_independent_values():
    assert inflation([1, -1] * 50) == 1
    assert inflation([0.0] * 50) == 1
    assert inflation([1.0, 2.0]) == 1
