"""What is usual, and how far from it the newest measurements lie."""

from __future__ import annotations

import pytest

from tests.server.metrics.noise import made, normal, series_of
from whetstone_server.metrics.baseline import baseline, compared, matching


def test_one_outlier_moves_neither_level_nor_spread():
    usual = baseline(series_of([9, 10, 11, 10, 9, 11, 10, 1e9]).samples)
    assert usual.level == 10
    assert usual.spread == pytest.approx(1.4826)
    assert usual.samples == 8


def test_a_difference_is_told_from_noise():
    """With an interval that holds the difference in 19 of 20 cases, and an alarm without one in 1 of 20."""
    slower = [
        compared(series_of(made(normal, seed, 60)), series_of([value + 15 for value in made(normal, 1000 + seed, 40)]))
        for seed in range(100)
    ]
    assert all(each.chance < 0.001 for each in slower)
    assert sum(each.shift.low < 15 < each.shift.high for each in slower) >= 90
    same = [
        compared(series_of(made(normal, seed, 60)), series_of(made(normal, 1000 + seed, 40))) for seed in range(100)
    ]
    assert sum(each.chance < 0.05 for each in same) <= 8


def test_few_measurements_say_nothing():
    assert compared(series_of([1, 1, 1]), series_of([9, 9, 9])).shift is None


def test_like_is_compared_with_like():
    def taken(**meta):
        one = series_of([1])
        one.meta.update(meta)
        return one

    old, new = taken(python="3.11"), taken(python="3.12")
    assert matching(taken(python="3.12", machine="ci"), [old, new]) is new
    assert matching(taken(python="3.13"), [old, new]) is None
    assert matching(taken(), [series_of([1], "other")]) is None
