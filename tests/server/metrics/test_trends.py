"""Trends say where a series goes, how surely, and whether that is good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.server.metrics.noise import (
    HOUR,
    KINDS,
    START,
    WEEK,
    autocorrelated,
    daily,
    heavy_tailed,
    lognormal,
    made,
    normal,
    office_hours,
    series_of,
    skewed_and_autocorrelated,
)
from whetstone_server.errors import InputError
from whetstone_server.metrics import Sample, Series, metric_named, record, trend, trend_of

SEEDS = 200
TAME = (normal, lognormal, heavy_tailed, autocorrelated, skewed_and_autocorrelated, daily, office_hours)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_noise_is_steady(kind):
    """In at least 95 of 100 weeks, whatever the noise is like."""
    alarms = [seed for seed in range(SEEDS) if trend_of(series_of(made(kind, seed))).direction != "steady"]
    assert len(alarms) <= SEEDS * 0.05


def drifting(kind, seed, by):
    return [value + by * hour / WEEK for hour, value in enumerate(made(kind, seed))]


def jumping(kind, seed, by, at):
    return [value + by * (hour >= at) for hour, value in enumerate(made(kind, seed))]


@pytest.mark.parametrize("kind", TAME, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_drift_is_seen(kind, sign):
    """Of four times the usual distance from the median, at the end of the week, and told from a jump."""
    size = 4 * spread_of(kind)
    found = [trend_of(series_of(drifting(kind, seed, sign * size))) for seed in range(20)]
    assert all(each.direction == ("rising" if sign > 0 else "falling") for each in found)
    assert sum(each.change.shape == "drift" for each in found) >= 16
    assert sum(each.change.low <= sign * size <= each.change.high for each in found) >= 16


@pytest.mark.parametrize("kind", TAME, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("at", [60, 130])
def test_a_jump_is_seen_and_dated(kind, at):
    size = 4 * spread_of(kind)
    found = [trend_of(series_of(jumping(kind, seed, size, at))) for seed in range(20)]
    assert all(each.direction == "rising" for each in found)
    assert sum(each.change.shape == "jump" for each in found) >= 18
    near = [each for each in found if each.change.at and abs(each.change.at - START - at * HOUR) <= 6 * HOUR]
    assert len(near) >= 15


def spread_of(kind):
    values = sorted(made(kind, 0, 2000))
    return (values[1700] - values[300]) / 2


def test_power_is_what_the_readme_says():
    """Four of five drifts by one standard deviation, and nearly all by two, also where neighbours are alike."""
    by_one = [trend_of(series_of(drifting(normal, seed, 5))).direction == "rising" for seed in range(50)]
    assert sum(by_one) >= 40
    spread = 5 / 0.75**0.5
    by_two = [trend_of(series_of(drifting(autocorrelated, seed, 2 * spread))).direction for seed in range(50)]
    assert by_two.count("rising") >= 45


def test_worse_and_better_follow_from_the_metric():
    values = drifting(normal, 0, 50)
    assert trend_of(series_of(values, "latency_ms")).verdict == "worse"
    assert trend_of(series_of(values, "throughput")).verdict == "better"
    assert trend_of(series_of(values, "rooms")).verdict is None
    assert trend_of(series_of(made(normal, 0), "latency_ms")).verdict is None


def test_constants_and_short_series_are_steady():
    for values in ([5.0] * 100, [1.0], [1, 2, 3, 4, 5, 6, 7]):
        found = trend_of(series_of(values))
        assert (found.direction, found.change, found.chance) == ("steady", None, 1.0)


def test_many_rounds_of_one_run_count_once():
    """Twelve runs that differ as machines do, of sixty rounds: sixty times as many samples, and no more certainty."""
    alarms = 0
    for seed in range(SEEDS):
        runs = made(normal, seed, 12)
        samples = [
            Sample(START + run * 12 * HOUR + each, level + 0.1 * each / 60)
            for run, level in enumerate(runs)
            for each in range(60)
        ]
        alarms += trend_of(Series(metric_named("t"), {}, samples)).direction != "steady"
    assert alarms <= SEEDS * 0.05


def test_thousands_of_samples_are_quick_enough_to_look_at_as_they_are():
    values = [hour / 100 + value for hour, value in enumerate(made(normal, 1, 20_000))]
    found = trend_of(series_of(values, every=30_000_000))
    assert found.direction == "rising"
    assert found.change.estimate == pytest.approx(200, rel=0.05)


def test_trend_reads_what_was_recorded(project):
    now = datetime.now(UTC)
    for number in range(20):
        assert record("import_time", 1 + number, {"python": "3.12"}, at=now - timedelta(hours=20 - number))
    assert record("import_time", 99, at=now - timedelta(days=8))
    found = trend("import_time", {"python": "3.12"})
    assert (found.direction, found.verdict, found.mean, found.median) == ("rising", "worse", 10.5, 10.5)
    assert found.change.estimate == pytest.approx(19, abs=1)
    assert trend("import_time", window=timedelta(days=9), metadata={"python": "3.13"}) is None
    assert trend("other") is None


def test_trend_does_not_mix_what_cannot_be_compared(project):
    for number in range(4):
        record("t", number, {"suite": "unit" if number % 2 else "slow"})
    with pytest.raises(InputError, match="ask for one, as suite=slow"):
        trend("t")
    assert trend("t", {"suite": "unit"}).mean == 2


def test_trend_without_any_store_says_so(project):
    with pytest.raises(InputError, match="no events"):
        trend("t")
