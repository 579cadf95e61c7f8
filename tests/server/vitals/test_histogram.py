"""Quantiles within the stated error of the exact ones, in one histogram or in several put together."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from whetstone_server.vitals.histogram import RELATIVE_ERROR, Histogram

TIMES = st.one_of(st.integers(0, 200), st.integers(0, 10**9), st.integers(0, 2**80))
MANY = st.lists(TIMES, min_size=1, max_size=200)
SHARES = st.floats(0, 1)


def of(times):
    histogram = Histogram()
    for time in times:
        histogram.observe(time)
    return histogram


def exact(times, share):
    """The nearest-rank quantile."""
    return sorted(times)[max(1, math.ceil(share * len(times))) - 1]


@given(MANY, SHARES)
def test_a_quantile_lies_within_the_stated_error_of_the_exact_one(times, share):
    (found,) = of(times).quantiles(share)
    assert abs(found - exact(times, share)) <= exact(times, share) * RELATIVE_ERROR


@given(MANY)
def test_the_count_and_the_total_are_exact(times):
    histogram = of(times)
    assert (histogram.count, histogram.total) == (len(times), sum(times))


@given(MANY, MANY)
def test_two_put_together_are_one_that_saw_everything(some, others):
    histogram, other = of(some), of(others)
    histogram.add(other)
    whole = of([*some, *others])
    assert histogram.quantiles(0, 0.5, 0.9, 1) == whole.quantiles(0, 0.5, 0.9, 1)
    assert (histogram.count, histogram.total) == (whole.count, whole.total)
    assert other.count == len(others)


@given(MANY, MANY)
def test_the_difference_of_two_moments_is_what_was_counted_in_between(before, after):
    histogram = of(before)
    earlier = histogram.copy()
    for time in after:
        histogram.observe(time)
    newer = histogram.since(earlier)
    assert newer.quantiles(0, 0.5, 1) == of(after).quantiles(0, 0.5, 1)
    assert (newer.count, newer.total) == (len(after), sum(after))
    assert (earlier.count, earlier.total) == (len(before), sum(before))


def test_up_to_63_every_time_is_told_apart():
    assert [of([time]).quantiles(1)[0] for time in range(64)] == list(range(64))


def test_of_nothing_there_is_no_quantile():
    assert all(math.isnan(found) for found in Histogram().quantiles(0.5, 0.99))
