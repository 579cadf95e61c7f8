"""What the hour of the day explains is taken out, and nothing where it explains nothing."""

from __future__ import annotations

from statistics import pstdev

from tests.server.metrics.noise import HOUR, START, made, normal, office_hours
from whetstone_server.metrics.season import without_daily_pattern

TIMES = [START + HOUR * hour for hour in range(168)]


def test_a_pattern_is_taken_out():
    values = made(office_hours, 1)
    assert pstdev(without_daily_pattern(TIMES, values)) < 0.65 * pstdev(values)


def test_noise_stays_as_it_is():
    for seed in range(20):
        values = made(normal, seed)
        assert without_daily_pattern(TIMES, values) == values


def test_a_drift_stays_in():
    values = [value + 0.5 * hour for hour, value in enumerate(made(office_hours, 1))]
    left = without_daily_pattern(TIMES, values)
    assert left[-1] - left[0] > 60


def test_two_days_show_no_pattern():
    values = made(office_hours, 1, 48)
    assert without_daily_pattern(TIMES[:48], values) == values
    assert without_daily_pattern([], []) == []
