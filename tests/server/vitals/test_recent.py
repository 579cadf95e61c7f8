"""Answers come from memory while they are there; what counts as a miss is what more room would have kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whetstone_server.vitals import Meter, Recent
from whetstone_server.vitals.machine import Memory
from whetstone_server.vitals.samples import samples


def test_the_answers_are_those_of_the_function():
    asked = []
    recent = Recent(lambda key: asked.append(key) or key * 2, 2)
    assert [recent(key) for key in (1, 2, 1, 3, 1, 2)] == [2, 4, 2, 6, 2, 4]
    assert asked == [1, 2, 3, 2]


@given(st.lists(st.integers(0, 9)), st.integers(1, 10))
def test_only_what_was_there_before_counts(keys, size):
    recent = Recent(str, size)
    for key in keys:
        assert recent(key) == str(key)
    assert recent.hits + recent.misses == len(keys) - len(set(keys))
    if size >= len(set(keys)):
        assert recent.misses == 0


def test_more_room_is_used_at_once_and_less_with_the_next_key():
    recent = Recent(str, 1)
    recent.size = 2
    for key in (1, 2, 1, 2):
        recent(key)
    assert (recent.hits, recent.misses) == (2, 0)
    recent.size = 1
    for key in (3, 1, 3):
        recent(key)
    assert (recent.hits, recent.misses) == (2, 2)


def test_the_hit_rate_is_a_number_of_the_window():
    meter = Meter()
    recent = Recent(str, 2)
    meter.watch("texts", recent)
    for key in (1, 2, 3) * 10:
        recent(key)
    rates = [
        sample for sample in samples(meter.take(), Memory(0, 0, 0), None) if sample.name == "server.cache.hit_rate"
    ]
    assert [(rate.value, rate.meta) for rate in rates] == [(0, {"cache": "texts"})]
    assert meter.take().caches == {"texts": (0, 0)}
