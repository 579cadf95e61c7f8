"""What is counted comes out once, in the window in which it happened."""

from __future__ import annotations

import pytest

from whetstone_server.vitals import Meter
from whetstone_server.vitals.machine import Memory
from whetstone_server.vitals.samples import StoreVitals, samples

SECOND = 1_000_000_000


class Clock:
    """Nanoseconds that pass only when somebody says so."""

    def __init__(self):
        self.now = 0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def processor():
    return Clock()


@pytest.fixture
def meter(clock, processor):
    return Meter(clock, processor)


def found(window, store=None):
    named = {}
    for sample in samples(window, Memory(200_000_000, 300_000_000, 300_000_000), store):
        named[(sample.name, *sorted(sample.meta.values()))] = sample.value
    return named


def test_a_window_begins_where_the_last_one_ended(meter, clock, processor):
    clock.now, processor.now = 10 * SECOND, 4 * SECOND
    window = meter.take()
    assert (window.seconds, window.cpu_seconds) == (10, 4)
    assert found(window)["server.cpu.percent",] == 40
    clock.now = 12 * SECOND
    window = meter.take()
    assert (window.seconds, window.cpu_seconds) == (2, 0)


def test_requests_are_in_the_window_in_which_they_were_answered(meter):
    observe = meter.requests["textDocument/hover"].observe
    observe(SECOND)
    assert meter.take().requests["textDocument/hover"].count == 1
    assert meter.take().requests == {}
    observe(SECOND)
    assert meter.take().requests["textDocument/hover"].count == 1


def test_a_window_in_which_nothing_was_asked_is_quiet(meter):
    assert meter.take().is_quiet
    meter.broke("hover", ValueError())
    assert not meter.take().is_quiet
    with meter.proving():
        assert meter.take().is_quiet  # no time has passed in it
    meter.requests["textDocument/hover"].observe(1)
    assert not meter.take().is_quiet


def test_proofs_count_by_the_time_in_which_any_ran(meter, clock):
    with meter.proving():
        clock.now = 10 * SECOND
        with meter.proving():
            clock.now = 20 * SECOND
            meter.proved()
        clock.now = 30 * SECOND
        meter.proved()
    clock.now = 60 * SECOND
    window = meter.take()
    assert (window.proofs, window.proving_seconds) == (2, 30)
    assert found(window)["server.proofs.per_hour",] == 240


def test_a_proof_over_two_windows_takes_its_time_in_both(meter, clock):
    clock.now = 10 * SECOND
    with meter.proving():
        clock.now = 60 * SECOND
        assert meter.take().proving_seconds == 50
        clock.now = 65 * SECOND
    assert meter.take().proving_seconds == 5


def test_a_speed_needs_more_than_a_few_files(meter, clock):
    for count, speeds in ((4, []), (5, [10])):
        for _ in range(count):
            with meter.looking():
                clock.now += SECOND // 10
        assert [value for (name, *_), value in found(meter.take()).items() if "files" in name] == speeds


def test_workspaces_that_are_looked_through_count_by_their_files(meter, clock):
    clock.now = 3 * SECOND
    meter.looked_through(600, began=SECOND)
    assert found(meter.take())["server.index.files_per_second",] == 300
    assert ("server.index.files_per_second",) not in found(meter.take())


def test_every_fault_is_told_at_once(meter):
    told = []
    meter.on_fault = lambda *fault: told.append(fault)
    meter.broke("hover", KeyError("text"))
    assert told == [("hover", "KeyError")]
    assert meter.take().errors == {"hover": 1}


def test_stores_and_memory_are_in_millions_of_bytes_and_milliseconds(meter):
    named = found(meter.take(), StoreVitals(2_500_000, 0.25))
    assert named["server.store.mb",] == 2.5
    assert named["server.store.lag_ms",] == 250
    assert named["server.memory.mb",] == 200
    assert named["server.memory.resident_mb",] == 300
