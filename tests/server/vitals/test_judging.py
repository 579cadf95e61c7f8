"""A figure is held to the target that everybody holds it to, and whoever misses one is told what to do."""

from __future__ import annotations

import pytest

from whetstone_server.bottlenecks.remedies import OF_THE_SERVER
from whetstone_server.metrics import metric_named
from whetstone_server.vitals.judging import LEAST_ANSWERS, TITLES, bottlenecks, readings
from whetstone_server.vitals.samples import Sample


def answers(method, p95, count=LEAST_ANSWERS):
    return [
        Sample("server.request.ms", p95, "ms", {"method": method, "statistic": "p95"}),
        Sample("server.request.ms", 10 * p95, "ms", {"method": method, "statistic": "p99"}),
        Sample("server.requests", count, None, {"method": method}),
    ]


@pytest.mark.parametrize("name", TITLES)
def test_whatever_has_a_name_has_a_target_and_a_remedy(name):
    assert metric_named(name).target
    assert OF_THE_SERVER[name]


def test_the_worst_comes_first_and_what_is_met_not_at_all():
    samples = [*answers("hover", 300), *answers("codeAction", 900), *answers("codeLens", 99)]
    assert [reading.subject for reading in bottlenecks(readings(samples))] == ["codeAction", "hover"]


def test_a_few_answers_are_not_judged():
    assert readings(answers("hover", 300, LEAST_ANSWERS - 1)) == []


def test_more_is_better_for_speeds_and_hit_rates():
    found = readings([Sample("server.cache.hit_rate", 60, "%", {"cache": "texts"})])
    assert found[0].sentence == "cache hits, texts: 60 %, target at least 80 %"
    assert found[0].severity == pytest.approx(80 / 60)
    assert found[0].remedy


def test_one_error_is_too_many():
    (reading,) = readings([Sample("server.errors", 1, None, {})])
    assert (reading.is_met, reading.severity) == (False, 2)
    (reading,) = readings([Sample("server.errors", 0, None, {})])
    assert (reading.is_met, reading.remedy) == (True, None)
