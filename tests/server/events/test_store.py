"""Events in, the same events out: before and after they are packed, by whoever reads."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.events.conftest import EVENTS, NOON, change, essence
from whetstone_server.events import (
    Event,
    StoreError,
    open_for_reading,
    open_store,
    retention,
    rollups,
    tail,
    transfer,
    writer,
)
from whetstone_server.events.kinds import DiagnosticsShown, DocumentSave, ImprovementApplied, MetricSample
from whetstone_server.events.maintenance import backup, compact, restore, verify
from whetstone_server.events.reading import FOREVER, Wanted
from whetstone_server.events.rollups import HOUR, MINUTE

SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def unmerged(events):
    """How often each event occurred, repeats counted one by one."""
    counts = Counter()
    for event in events:
        counts[essence(event)[1:]] += event.count
    return counts


@SLOW
@given(EVENTS)
def test_any_events_come_out_as_they_went_in(events):
    """Through the ring, the tail, blocks, a backup, a restored store and a compacted one, and by export and import."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "store"
        with open_store(folder) as store:
            assert all(map(store.record, events))
            expected = sorted(map(essence, events))
            assert sorted(map(essence, store.between())) == expected
            store.flush()
            assert sorted(map(essence, store.between())) == expected
            assert [event.id for event in store.newest(7)] == [event.id for event in store.between()[::-1][:7]]
            store.checkpoint()
            assert unmerged(store.between()) == unmerged(events)
            assert [event.id for event in store.newest(7)] == [event.id for event in store.between()[::-1][:7]]
            exported = list(transfer.lines(store.forwards(Wanted())))
            backup(folder, Path(name) / "backup")
        assert verify(folder)[1] == []
        with open_store(Path(name) / "other") as other:
            assert transfer.add(other, transfer.read(exported)) == (len(exported), 0)
            assert transfer.add(other, transfer.read(exported)) == (0, len(exported))
            assert list(transfer.lines(other.forwards(Wanted()))) == exported
            other.checkpoint()
            assert list(transfer.lines(other.forwards(Wanted()))) == exported
        restore(Path(name) / "backup", folder)
        with open_for_reading(folder) as store:
            assert list(transfer.lines(store.between())) == exported
        compact(folder)
        with open_for_reading(folder) as store:
            assert list(transfer.lines(store.between())) == exported


def test_a_store_says_how_long_events_waited_for_their_commit(folder):
    with open_store(folder) as store:
        assert store.take_lag() == 0
        store.record(change(1))
        store.flush()
        assert 0 < store.take_lag() < 60
        assert store.take_lag() == 0
        assert store.bytes_on_disk() == store.stats().bytes_on_disk
    with open_for_reading(folder) as reader:
        assert reader.take_lag() == 0


NEAR_NOON = st.just(0) | st.integers(NOON - 1, NOON + 10**9 + 1)
WANTED = st.builds(
    lambda since, length, fields: Wanted(since, since + length, **fields),
    NEAR_NOON,
    st.sampled_from([1, 10**6, 10**8, FOREVER]),
    st.fixed_dictionaries(
        {
            "kind": st.none() | st.sampled_from(["document", "document.change", "later.kind", "metric", "none"]),
            "source": st.none() | st.sampled_from(["editor", "cli", "ci"]),
            "path": st.none() | st.sampled_from(["a.py", "b.py"]),
            "text": st.none()
            | st.sampled_from(["", ".py", "ä", "WP10", "größe", "e", "0", "\ud800"])
            | st.text(max_size=1),
        }
    ),
)


@SLOW
@given(EVENTS, EVENTS, st.lists(st.tuples(WANTED, st.integers(0, 9)), min_size=1, max_size=20))
def test_what_is_asked_for_is_what_looking_at_every_event_finds(packed, loose, asked):
    """Whether some of it is in blocks, in the tail or in the ring."""
    with tempfile.TemporaryDirectory() as name, open_store(Path(name) / "store") as store:
        assert all(map(store.record, packed))
        store.checkpoint()
        assert all(map(store.record, loose))
        everything = store.between()
        for wanted, most in asked:
            expected = [event for event in everything if wanted.suits(event)]
            assert store.between(**wanted._asdict()) == expected
            assert store.newest(most, **wanted._asdict()) == expected[::-1][:most]
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("whetstone_server.events.store.AT_ONCE", most)
                assert list(store.forwards(wanted)) == expected


def test_an_event_goes_to_disk_without_being_asked_for_also_after_a_quiet_time(folder, monkeypatch):
    monkeypatch.setattr(writer, "AWAKE_FOR_S", 0.0)
    with open_store(folder) as store:
        for number in range(3):
            while not store._writer.asleep:
                pass
            store.record(change(number))
            while store._ring.waiting:
                pass
            with store._database.reading() as state:
                assert tail.reached(state, store._ring.writer) == number + 1


def test_an_event_is_read_at_once_and_by_others(folder):
    with open_store(folder) as store:
        assert store.record(change(1))
        with open_for_reading(folder) as reader:
            (event,) = reader.newest()
        assert event.data["document_version"] == 1
        assert event.id.endswith("-1")


def test_many_blocks_give_the_newest_the_oldest_and_what_lies_between(folder):
    events = [change(number, time=NOON + 1_000 * number) for number in range(6_000)]
    with open_store(folder) as store:
        for start in range(0, 6_000, 1_000):
            for event in events[start : start + 1_000]:
                while not store.record(event):
                    store.flush()
            store.checkpoint()
        wanted = store.between(NOON + 2_000_500, NOON + 2_103_000)
        assert [event.data["document_version"] for event in wanted] == list(range(2_001, 2_103))
        assert [event.data["document_version"] for event in store.newest(3)] == [5_999, 5_998, 5_997]
        assert store.between(NOON + 6_000_000) == []
        assert store.stats().events == 6_000


def test_events_that_come_late_find_their_place(folder):
    with open_store(folder) as store:
        for number in (*range(0, 3_000, 2), *range(1, 3_000, 2)):
            store.record(change(number))
            if number == 2_998:
                store.checkpoint()
        store.checkpoint()
        assert [event.data["document_version"] for event in store.between()] == list(range(3_000))
    assert verify(folder) == (3_000, [])


def test_lists_are_narrowed_by_kind_source_path_and_text(folder):
    with open_store(folder) as store:
        store.record(change(1, path="a.py"))
        store.record(change(2, path="b.py", source="ci"))
        store.record(Event.of(DocumentSave(3, 10), path="a.py", time=NOON))
        store.record(Event.of(MetricSample("größe", 4.0), time=NOON))
        for _ in ("in the tail", "in blocks"):
            kinds = {
                kind: len(store.newest(kind=kind)) for kind in ("document", "document.change", "document.c", "metric")
            }
            assert kinds == {"document": 3, "document.change": 2, "document.c": 0, "metric": 1}
            assert [event.data["document_version"] for event in store.newest(source="ci")] == [2]
            assert len(store.newest(path="a.py")) == 2
            assert [event.kind for event in store.search("größ")] == ["metric.sample"]
            assert len(store.search(".py")) == 3
            assert store.search("nowhere") == []
            store.checkpoint()


def test_repeats_are_merged_and_counted(folder):
    def shown(seconds, *codes):
        return Event.of(DiagnosticsShown(list(codes)), path="a.py", time=NOON + seconds * 1_000_000)

    with open_store(folder) as store:
        for event in (shown(0, "WP101"), shown(10, "WP101"), shown(20), shown(30, "WP101"), shown(200, "WP101")):
            store.record(event)
        exported = list(transfer.lines(store.between()))
        store.checkpoint()
        assert [event.count for event in store.between()] == [2, 1, 1, 1]
        assert (store.stats().events, store.stats().repeats) == (4, 1)
        assert sum(map(sum, store.per_minute(NOON, NOON + HOUR).counts.values())) == 5
        assert transfer.add(store, transfer.read(exported)) == (0, 5)


def test_what_cannot_be_kept_is_refused_counted_and_never_raises(folder):
    with open_store(folder) as store:
        for odd in (
            Event("document.save", {"document_version": "one", "size": 1}),
            Event("document.save", {"document_version": 1, "size": 1, "more": 2}),
            Event("document.save", {}),
            Event("later.kind", {"what": object()}),
            Event("later.kind", {1: "a number for a name"}),
            Event("later.kind", {"text": "\ud800"}),
            Event("later.kind", {"number": 2**70}),
            Event("later.kind", {"text": "x" * 300_000}),
            Event("later.kind", None),
            Event(7, {}),
            Event("", {}),
            Event("k" * 101, {}),
            Event("later.kind", {}, source=None),
            Event("later.kind", {}, path=Path("a.py")),
            Event("later.kind", {}, time="now"),
            Event("later.kind", {}, time=1 << 60),
            Event("document.save", {"document_version": 1, "size": 1}, time=-5),
        ):
            assert store.record(odd) is False, odd
        assert store.record(change(1)) is True
        store.flush()
        store.flush()
        dropped = [event.data["number"] for event in store.newest(kind="events.dropped")]
        assert sum(dropped) == 17
        assert len(store.between(kind="document")) == 1


def test_an_event_that_is_recorded_again_is_another_one(folder):
    with open_store(folder) as store:
        store.record(change(1))
        store.record(store.newest()[0])
        assert len({event.id for event in store.between()}) == 2


def test_a_store_that_is_only_read_keeps_nothing(folder):
    open_store(folder).close()
    with open_for_reading(folder) as store:
        assert store.record(change()) is False
        assert store.newest() == []


def test_a_program_that_reads_a_store_is_told_that_it_cannot_write_it_too(folder):
    open_store(folder).close()
    with open_for_reading(folder), pytest.raises(StoreError, match="close that first"):
        open_store(folder)
    open_store(folder).close()


def test_looking_where_there_is_none_makes_none(folder):
    with pytest.raises(StoreError, match="there are no events in"):
        open_for_reading(folder)
    assert not folder.exists()


def test_two_stores_on_one_folder_see_each_other(folder):
    with open_store(folder) as one, open_store(folder) as other:
        one.record(change(1))
        other.record(change(2))
        one.flush()
        assert {event.data["document_version"] for event in one.newest()} == {1, 2}
        assert {event.data["document_version"] for event in other.newest()} == {1, 2}


def test_counts_by_minute_are_the_same_packed_or_not(folder):
    noon = NOON // HOUR * HOUR
    with open_store(folder) as store:
        for second in (0, 1, 61, 7_300):
            store.record(change(time=noon + second * 1_000_000))
        for _ in ("in the ring", "in blocks"):
            minutes = store.per_minute(noon, noon + 3 * HOUR)
            assert minutes.first == noon // MINUTE
            assert list(minutes.counts) == ["document.change"]
            counts = minutes.counts["document.change"]
            assert [(minute, count) for minute, count in enumerate(counts) if count] == [(0, 2), (1, 1), (121, 1)]
            assert minutes.of("document.change", minutes.first + 121) == 1
            assert minutes.of("document.change", minutes.first - 1) == 0
            assert minutes.of("document.save", minutes.first) == 0
            assert store.per_minute(noon - 2 * HOUR, noon - 1).counts == {}
            assert len(store.per_minute(0, FOREVER).counts["document.change"]) == 180, "no more than there is"
            store.checkpoint()


def test_a_minute_with_more_events_than_two_bytes_count(folder):
    noon = NOON // HOUR * HOUR
    many = msgspec.structs.replace(change(time=noon), id="0a-1", count=70_000)
    with open_store(folder) as store:
        store.add([many, change(time=noon + HOUR, id="0a-2")])
        store.record(change(time=noon))
        minutes = store.per_minute(noon, noon + HOUR)
        assert minutes.of("document.change", minutes.first) == 70_001
        assert minutes.of("document.change", minutes.first + 60) == 1
        store.checkpoint()
        assert store.per_minute(noon, noon + HOUR) == minutes


def test_a_metric_is_summed_up_packed_or_not(folder):
    with open_store(folder) as store:
        for number in range(1, 101):
            store.record(Event.of(MetricSample("latency", float(number)), time=NOON + number))
        store.record(Event.of(MetricSample("other", -1.0), time=NOON))
        for _ in ("in the tail", "in blocks"):
            found = store.metric("latency")
            assert (found.samples, found.least, found.most, found.mean) == (100, 1.0, 100.0, 50.5)
            assert found.percentile(0.5) == pytest.approx(50, rel=0.03)
            assert found.percentile(0.99) == pytest.approx(99, rel=0.02)
            assert found.percentile(1) == pytest.approx(100, rel=0.01)
            assert store.metric("other").percentile(0.5) == pytest.approx(-1, rel=0.01)
            assert store.metric("none") is None
            store.checkpoint()


def test_old_events_are_let_go_but_for_what_improvements_need(folder):
    with open_store(folder) as store:
        for number in range(3_000):
            store.record(change(number, time=NOON + number * 1_000_000))
        store.record(Event.of(ImprovementApplied("abc", "WP101", "f"), time=NOON))
        store.checkpoint()
        before = store.per_minute(NOON, NOON + HOUR)
        assert retention.let_go(store._database, NOON + 2_500_000_000) == 2_500
        assert [event.data["document_version"] for event in store.between(kind="document")] == list(range(2_500, 3_000))
        assert len(store.newest(kind="improvement")) == 1
        assert store.per_minute(NOON, NOON + HOUR) == before
    assert verify(folder) == (501, [])


def test_events_older_than_the_counts_by_minute_are_found_all_the_same(folder):
    """Where the counts of an hour were let go, and then one of its events came late, they do not tell what there is."""
    with open_store(folder, retention_days=36_500) as store:
        store.record(change(1))
        store.checkpoint()
        store._database.write(lambda writing: rollups.let_go(writing, NOON + HOUR))
        store.record(Event.of(DocumentSave(2, 10), time=NOON + 1))
        store.checkpoint()
        assert [event.kind for event in store.between(NOON, NOON + 10)] == ["document.change", "document.save"]


def test_what_is_a_month_old_is_let_go_once_a_day(folder, monkeypatch):
    with open_store(folder) as store:
        store.record(change(time=NOON))
        store.record(change(time=NOON + 31 * retention.DAY))
        store.checkpoint()
        monkeypatch.setattr(retention, "now", lambda: NOON + 31 * retention.DAY)
        assert retention.let_go_daily(store._database, 32) == 0
        assert retention.let_go_daily(store._database, 30) == 0  # not twice a day
        monkeypatch.setattr(retention, "now", lambda: NOON + 32 * retention.DAY)
        assert retention.let_go_daily(store._database, 30) == 1
        assert [event.time for event in store.between()] == [NOON + 31 * retention.DAY]
    assert verify(folder)[1] == []
