"""Bottlenecks are noted once, and resolved by the next measurement that shows it."""

from __future__ import annotations

import pytest

from tests.server.bottlenecks.test_find import one
from tests.server.metrics.noise import made, normal, series_of
from whetstone_server.bottlenecks import HotFinding, find, history, note
from whetstone_server.events import open_store


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store") as store:
        yield store


def states(rows):
    return {each.metric: each.resolved_at is None for each in rows}


def test_found_resolved_and_found_again(store):
    slow, fast = one("server.request.ms", 300, method="hover"), one("server.request.ms", 300, 20, method="hover")
    (found,) = note(store, find([slow]))
    assert found.resolved_at is None
    (still,) = note(store, find([slow]))
    assert still.found_at == found.found_at
    assert len(store.between(kind="bottleneck")) == 1
    (gone,) = note(store, find([fast]))
    assert gone.resolved_at >= found.found_at
    assert note(store, find([fast])) == [gone]
    (again,) = note(store, find([slow]))
    assert again.resolved_at is None
    assert again.found_at >= gone.resolved_at
    assert [event.action for event in store.between(kind="bottleneck")] == ["found", "resolved", "found"]


def test_what_is_not_measured_again_stands(store):
    note(store, find([one("server.memory.mb", 900)]))
    assert states(note(store, find([one("server.cpu.percent", 20)]))) == {"server.memory.mb": True}
    assert states(note(store, find([one("server.memory.mb", 100)]))) == {"server.memory.mb": False}


def test_it_survives_the_process(tmp_path):
    with open_store(tmp_path / "store") as store:
        noted = note(store, find([one("server.memory.mb", 900)]))
    with open_store(tmp_path / "store") as store:
        assert history(store) == noted


def test_a_change_that_leaves_the_window_is_not_gone_by_that(store):
    values = [value + 100 * (hour > 80) for hour, value in enumerate(made(normal, 1))]
    note(store, find([series_of(values)]))
    later = values[100:]
    assert find([series_of(later)]).found == []
    assert states(note(store, find([series_of(later)]))) == {"latency_ms": True}
    assert states(note(store, find([series_of([*later, 104])]))) == {"latency_ms": False}


def test_a_severity_that_changes_is_noted_and_keeps_its_beginning(store):
    (mild,) = note(store, find([one("server.memory.mb", 520)]))
    (bad,) = note(store, find([one("server.memory.mb", 5000)]))
    assert (mild.severity, bad.severity) == ("low", "critical")
    assert bad.found_at == mild.found_at


def test_a_finding_is_gone_when_its_file_was_looked_at_without_it(store):
    hot = HotFinding("a.py", 7, "total", "WP101", "Text grows in a loop", 80, 0.4, can_be_proven=True)
    note(store, find([], [hot], ["a.py"]))
    assert states(note(store, find([], [], ["b.py"]))) == {"WP101": True}
    assert states(note(store, find([], [], ["a.py"]))) == {"WP101": False}
