"""What a metric is, is known from our list, from its name, or from whoever records it."""

from __future__ import annotations

import pytest

from whetstone_server.metrics import Target, metric_named
from whetstone_server.metrics.metric import number


@pytest.mark.parametrize(
    ("name", "better", "unit"),
    [
        ("test_duration", "lower", "s"),
        ("server.request.ms", "lower", "ms"),
        ("server.cache.hit_rate", "higher", "%"),
        ("importTime", "lower", None),
        ("parse_seconds", "lower", "s"),
        ("rows_per_second", "higher", None),
        ("peak_memory_mb", "lower", "MB"),
        ("cache.hits", "higher", None),
        ("cache.misses", "lower", None),
        ("requests.p99", "lower", None),
        ("error_rate", "lower", None),
        ("http.throughput", "higher", None),
        ("line_coverage_percent", "higher", "%"),
        ("rooms", None, None),
        ("opsgenie", None, None),
    ],
)
def test_names_say_which_side_is_good(name, better, unit):
    found = metric_named(name)
    assert (found.better, found.unit) == (better, unit)


def test_what_is_stated_wins():
    stated = metric_named("test_duration", {"better": "higher", "target": "3"}, unit="min")
    assert (stated.unit, stated.better, stated.target) == ("min", "higher", Target(3.0, "higher"))


def test_a_target_without_a_side_is_none():
    assert metric_named("rooms", {"target": "3"}).target is None


def test_targets_tell_by_how_much_they_are_missed():
    assert Target(100, "lower").missed_by(140) == 40
    assert Target(100, "lower").missed_by(100) == 0
    assert Target(80, "higher").missed_by(60) == 20
    assert Target(80, "higher").missed_by(81) == 0


@pytest.mark.parametrize(
    ("seconds", "said"), [(2, "2 s"), (0, "0 s"), (-0.0123, "-12.3 ms"), (4.5e-5, "45 µs"), (1e-12, "0.001 ns")]
)
def test_short_times_are_said_in_short_units(seconds, said):
    assert metric_named("t", unit="s").said(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (12.5, "12.5"),
        (1234.5, "1,234"),
        (0.0123456, "0.0123"),
        (-0.5, "-0.5"),
        (99.95, "100"),
        (3.14159, "3.14"),
        (1e-9, "1e-09"),
        (123456789.0, "1.23e+08"),
        (1_000_000, "1,000,000"),
    ],
)
def test_numbers_are_short(value, said):
    assert number(value) == said
