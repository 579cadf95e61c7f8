"""Samples are read back as series of what may be compared."""

from __future__ import annotations

from whetstone_server.events import Event, open_store
from whetstone_server.events.kinds import BenchmarkResult, MetricSample
from whetstone_server.metrics import record, series
from whetstone_server.metrics.reading import Sample, alike
from whetstone_server.metrics.recording import opened


def test_series_are_told_apart_by_what_was_measured_but_not_by_when(project):
    for number in range(6):
        record("t", number, {"suite": "unit" if number % 2 else "slow", "commit": f"c{number}", "python": "3.12"})
    with opened(project) as store:
        slow, unit = series(store, "t")
        assert series(store, "t", meta={"suite": "unit"})[0].values == [1, 3, 5]
        assert series(store, "u") == []
    assert (slow.values, unit.values) == ([0, 2, 4], [1, 3, 5])
    assert slow.meta == {"python": "3.12", "suite": "slow"}
    assert slow.title == "t [python=3.12, suite=slow]"
    assert [sample.meta["commit"] for sample in slow.samples] == ["c0", "c2", "c4"]


def test_metadata_that_hardly_ever_comes_back_tells_nothing_apart():
    samples = [Sample(number, 1.0, {"host": f"runner-{number}"}) for number in range(9)]
    (one,) = alike("t", samples)
    assert len(one.samples) == 9


def test_what_changed_once_and_for_all_tells_before_from_after():
    samples = [Sample(number, 1.0, {"db": "15" if number < 5 else "16"}) for number in range(9)]
    assert len(alike("query_ms", samples)) == 1
    back = [*samples, Sample(9, 1.0, {"db": "15"})]
    assert len(alike("query_ms", back)) == 2


def test_tests_are_told_apart_from_the_first_run_on():
    samples = [Sample(number, 1.0, {"test": f"test_{number}"}) for number in range(3)]
    assert len(alike("test_duration", samples)) == 3


def test_unit_target_and_side_come_from_the_samples(project):
    record("rooms", 3, {"unit": "rooms", "better": "higher", "target": 5})
    with opened(project) as store:
        (one,) = series(store)
    assert (one.metric.unit, one.metric.better, one.metric.target.value) == ("rooms", "higher", 5)
    assert one.title == "rooms"


def test_merged_repeats_count_and_benchmarks_are_series_of_medians(tmp_path):
    with open_store(tmp_path / "store") as store:
        store.record(Event.of(MetricSample("n", 1.0), time=10**15))
        store.record(Event.of(MetricSample("n", 1.0), time=10**15 + 1))
        store.record(Event.of(BenchmarkResult("b", 0.25, 0.2, 0.3, 5), time=10**15))
        store.record(Event("metric.sample", {"title": "of another version"}, version=7))
        store.checkpoint()
        bench, repeated = series(store)
    assert (bench.metric.name, bench.values, bench.metric.unit, bench.metric.better) == ("b", [0.25], "s", "lower")
    assert repeated.values == [1.0, 1.0]
