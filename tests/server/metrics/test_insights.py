"""Insights say what happened and what to do, and say nothing about noise."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.server.metrics.noise import HOUR, KINDS, START, WEEK, daily, made, normal, office_hours, series_of
from whetstone_server.metrics import insights
from whetstone_server.metrics.insights import differences

SEEDS = 200


@pytest.mark.parametrize(
    ("kind", "count"),
    [(kind, WEEK) for kind in KINDS] + [(kind, 30) for kind in KINDS if kind not in (daily, office_hours)],
)
def test_noise_says_nothing(kind, count):
    """In at least 95 of 100 windows, of a few samples and of many; in hardly more than a day its pattern is a drift."""
    alarms = [seed for seed in range(SEEDS) if insights([series_of(made(kind, seed, count))])]
    assert len(alarms) <= SEEDS * 0.05


def test_many_series_of_noise_say_next_to_nothing_together():
    """A suite of a thousand tests does not cry wolf fifty times."""
    assert len(insights(series_of(made(normal, seed, 30)) for seed in range(1000))) <= 2


def test_a_jump_names_when_and_by_how_much_and_where_to_look():
    values = [value + 40 * (hour >= 100) for hour, value in enumerate(made(normal, 3))]
    meta = [{"commit": f"c{hour // 10}", "version": "1.3" if hour >= 100 else "1.2"} for hour in range(WEEK)]
    (one,) = insights([series_of(values, meta=meta)])
    assert (one.kind, one.verdict) == ("jump", "worse")
    assert one.confidence >= 0.99
    when = datetime.fromtimestamp((START + 100 * HOUR) / 1e6, UTC).astimezone()
    assert re.search(r"jumped up by (39|40|41)\.?\d* ms \((39|40|41)%\)", one.sentence)
    assert f"{when:%Y-%m-%d %H:%M}" in one.sentence
    assert "which is worse" in one.sentence
    assert "git log c9..c10" in one.action
    assert "version went from 1.2 to 1.3" in one.action
    assert "whetstone prove" in one.action


def test_a_drift_says_how_fast_and_a_gain_asks_for_nothing():
    values = [value + 0.5 * hour for hour, value in enumerate(made(normal, 3))]
    (worse,) = insights([series_of(values)])
    assert (worse.kind, worse.verdict) == ("drift", "worse")
    assert "drifted up" in worse.sentence
    assert "ms a day" in worse.sentence
    (better,) = insights([series_of(values, "rows_per_second")])
    assert (better.kind, better.verdict) == ("drift", "better")
    assert better.action.startswith("Keep it")


def test_a_change_that_is_sure_but_tiny_is_no_news():
    values = [100 + 0.01 * value + 0.004 * hour for hour, value in enumerate(made(normal, 3))]
    assert insights([series_of(values)]) == []


def test_a_missed_target_is_told_behind_changes_for_the_worse():
    meta = [{"target": "90"}] * WEEK
    steady = series_of(made(normal, 1), "latency_ms", meta=meta)
    worse = series_of([value + 0.5 * hour for hour, value in enumerate(made(normal, 3))], "duration_ms")
    better = series_of([value + 0.5 * hour for hour, value in enumerate(made(normal, 3))], "throughput")
    found = insights([better, steady, worse])
    assert [(one.kind, one.verdict) for one in found] == [("drift", "worse"), ("target", "worse"), ("drift", "better")]
    assert "instead of at most 90 ms" in found[1].sentence


def test_a_met_target_says_nothing():
    assert insights([series_of(made(normal, 1), meta=[{"target": "150"}] * WEEK)]) == []


def test_a_test_that_became_slow_can_be_profiled():
    values = [value + 0.5 * hour for hour, value in enumerate(made(normal, 3))]
    one = series_of(values, "test_duration")
    one.meta["test"] = "tests/test_a.py::test_b[x y]"
    (found,) = insights([one])
    assert "-m pytest 'tests/test_a.py::test_b[x y]'" in found.action


def test_metadata_that_comes_and_goes_is_no_cause():
    meta = [{"host": "ab"[hour % 2], "commit": "old" if hour < 9 else "new"} for hour in range(18)]
    samples = series_of(range(18), meta=meta).samples
    assert differences(samples, START + 9 * HOUR) == {"commit": ("old", "new")}
    assert differences(samples, START) == {}
