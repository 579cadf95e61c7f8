"""What costs too much is found, weighed, and said with what would help."""

from __future__ import annotations

import pytest

from tests.server.metrics.noise import HOUR, START, made, normal, series_of
from whetstone_server.bottlenecks import HotFinding, find, severity_of
from whetstone_server.bottlenecks.bottleneck import impact_of
from whetstone_server.bottlenecks.remedies import OF_THE_SERVER
from whetstone_server.metrics import Sample, Series, metric_named
from whetstone_server.metrics.metric import KNOWN


def one(name, *values, **meta):
    samples = [Sample(START + place * HOUR, float(value), meta) for place, value in enumerate(values)]
    return Series(metric_named(name, meta), meta, samples)


def test_noise_and_targets_that_are_met_are_no_bottlenecks():
    series = [series_of(made(normal, seed), f"load_{seed}_ms") for seed in range(30)]
    assert find([*series, one("server.memory.mb", 499), one("server.cache.hit_rate", 80)]).found == []


@pytest.mark.parametrize(
    ("name", "value", "severity"),
    [
        ("server.index.files_per_second", 40, "low"),
        ("server.index.files_per_second", 20, "high"),
        ("server.memory.mb", 510, "low"),
        ("server.memory.mb", 5000, "critical"),
        ("server.request.ms", 150, "medium"),
        ("server.cpu.percent", 100, "medium"),
        ("server.cache.hit_rate", 0, "critical"),
        ("server.errors", 1, "high"),
        ("server.errors", 9, "critical"),
    ],
)
def test_the_server_is_held_to_its_own_targets(name, value, severity):
    (found,) = find([one(name, value)]).found
    assert found.severity == severity
    assert found.remedy == OF_THE_SERVER[name]
    assert found.subject == "the server"
    wanted = KNOWN[name]
    assert wanted.said(wanted.target.value) in found.sentence


def test_only_one_of_several_quantiles_is_judged():
    slow = [one("server.request.ms", 900, method="hover", statistic=each) for each in ("p50", "p95", "p99")]
    (found,) = find(slow).found
    assert found.subject == "the server hover"


def test_impact_is_the_share_that_would_be_saved():
    assert [impact_of(times) for times in (0.5, 1, 2, 4, 10, float("inf"))] == [0, 0, 50, 75, 90, 100]
    assert [severity_of(impact) for impact in (0, 24, 25, 50, 75, 100)] == [
        "low",
        "low",
        "medium",
        "high",
        "critical",
        "critical",
    ]


def test_what_became_worse_is_a_bottleneck_until_it_is_back():
    values = [value + 100 * (hour > 80) for hour, value in enumerate(made(normal, 1))]
    (found,) = find([series_of(values)]).found
    assert (found.severity, found.metric) == ("high", "latency_ms")
    assert "jumped up" in found.sentence
    assert find([series_of([*values, 101])]).found == []
    assert find([series_of(values, "throughput")]).found == []


def test_a_test_that_takes_most_of_the_time_is_one_however_steady():
    tests = [one("test_duration", 0.5, 0.5, test=f"t{number}") for number in range(8)]
    (found,) = find([*tests, one("test_duration", 6, 6, test="slow")]).found
    assert (found.subject, found.impact, found.severity) == ("slow", 60, "high")
    assert found.sentence == "slow takes 60% of the time of all 9 tests: 6 s of 10 s."
    assert "-m pytest 'slow'" in found.remedy
    assert find(tests).found == []
    assert find([one("test_duration", 6, test="alone"), *tests[:2]]).found == []


def test_findings_count_where_a_profile_says_so():
    hot = HotFinding("shop/a.py", 7, "total", "WP101", "Text grows in a loop", 80, 0.4, can_be_proven=True)
    (found,) = find([], [hot, hot._replace(code="WP102", heat=0.001)]).found
    assert (found.subject, found.metric, found.severity) == ("shop/a.py::total", "WP101", "critical")
    assert found.sentence == "Text grows in a loop in total, which takes 40% of the profile's time (shop/a.py:7)."
    assert found.remedy == "whetstone prove shop/a.py:7"


def test_the_one_with_most_impact_comes_first_and_each_once():
    values = [value + 100 * (hour > 80) for hour, value in enumerate(made(normal, 1))]
    meta = [{"target": "10"}] * len(values)
    found = find([one("server.memory.mb", 600), series_of(values, meta=meta)]).found
    assert [each.metric for each in found] == ["latency_ms", "server.memory.mb"]
    assert found[0].impact == impact_of(values[-1] / 10)
