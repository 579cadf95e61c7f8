"""Whoever follows a store is told each event once, whoever records it and wherever it lies by then."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.events.conftest import NOON, change
from whetstone_server.events import open_for_reading, open_store


def numbers(events):
    return [event.data["document_version"] for event in events]


def test_only_what_is_recorded_from_now_on_is_told_and_once(folder):
    with open_store(folder) as store:
        store.record(change(1))
        store.flush()
        store.record(change(2))
        follower = store.follow()
        assert follower.events() == []
        store.record(change(3))
        assert numbers(follower.events()) == [3]
        store.flush()
        assert follower.events() == []
        store.record(change(4))
        store.checkpoint()
        assert numbers(follower.events()) == [4]
        assert follower.events() == []


def test_several_writers_are_followed_and_their_events_told_in_order_of_time(folder):
    with open_store(folder) as one, open_store(folder) as other, open_for_reading(folder) as reader:
        follower = reader.follow()
        one.record(change(2))
        other.record(change(1))
        other.record(change(3))
        one.flush()
        assert numbers(follower.events()) == [1, 2, 3]
        with open_store(folder) as late:
            late.record(change(4))
        assert numbers(follower.events()) == [4]


STEPS = st.lists(st.sampled_from(["record", "record", "late", "flush", "checkpoint", "look"]), max_size=40)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_each_event_is_told_once_whatever_happens_in_between(tmp_path_factory, steps):
    told, recorded = [], 0
    with open_store(tmp_path_factory.mktemp("following") / "store") as store:
        store.record(change(0))
        follower = store.follow()
        for step in [*steps, "look"]:
            if step == "look":
                told += numbers(follower.events())
            elif step in ("record", "late"):
                recorded += 1
                time = NOON + recorded - (50 if step == "late" else 0)
                assert store.record(change(recorded, time=time))
            else:
                getattr(store, step)()
    assert sorted(told) == list(range(1, recorded + 1))
