"""Mann and Kendall's test and Theil and Sen's slope, against textbooks and against their definitions."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_server.metrics.drift import kendall, slope

SMALL = st.lists(st.integers(-5, 5), max_size=40)


def test_cloud_seeding():
    """Hollander and Wolfe, Nonparametric Statistical Methods, example 9.1: the score is -6, the slope -0.056."""
    ratios = [1.26, 1.27, 1.12, 1.16, 1.03]
    assert kendall(ratios).score == -6
    assert slope([1, 2, 3, 4, 5], ratios).estimate == pytest.approx(-0.056, abs=5e-4)


@given(SMALL)
def test_score_is_what_its_definition_says(values):
    signs = ((late > early) - (late < early) for early, late in combinations(values, 2))
    assert kendall(values).score == sum(signs)


@given(SMALL)
def test_turning_time_around_turns_the_score(values):
    there, back = kendall(values), kendall(values[::-1])
    assert (back.score, back.variance) == (-there.score, there.variance)
    assert back.z() == -there.z()


@pytest.mark.parametrize("values", [[1, 2, 3, 4], [1, 1, 2, 3], [1, 1, 2, 2, 2]])
def test_variance_is_that_over_all_orders(values):
    """Ties and all, since under noise every order is as likely as any other."""
    from itertools import permutations

    scores = [kendall(order).score for order in permutations(values)]
    assert kendall(values).variance == pytest.approx(sum(score**2 for score in scores) / len(scores))


def test_what_never_changes_has_no_drift():
    assert kendall([3.0] * 20).z() == 0
    assert kendall([]).z() == 0
    assert kendall([1.0]).z() == 0


@given(st.floats(-10, 10), st.floats(-10, 10), st.integers(2, 30))
def test_slope_of_a_line_is_its_own(steepness, level, count):
    times = [3.0 * place for place in range(count)]
    found = slope(times, [level + steepness * time for time in times])
    assert found.estimate == pytest.approx(steepness, abs=1e-9)
    assert found.low <= found.estimate + 1e-9
    assert found.high >= found.estimate - 1e-9


def test_one_outlier_moves_nothing():
    times = list(range(50))
    assert slope(times, [*times[:-1], 1e9]).estimate == 1


def test_values_that_depend_on_one_another_give_wider_intervals():
    times = list(range(30))
    values = [time + 5 * math.sin(time * time) for time in times]
    alone, alike = slope(times, values), slope(times, values, inflation=3)
    assert alike.low < alone.low < alone.estimate < alone.high < alike.high


def test_few_values_have_an_interval_without_end():
    assert slope([0, 1, 2], [1, 2, 3])[1:] == (-math.inf, math.inf)
    assert slope([1, 1], [1, 2])[1:] == (-math.inf, math.inf)
