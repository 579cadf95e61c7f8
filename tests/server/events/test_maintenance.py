"""Backup, restore, compaction and import leave what was there until the new is complete."""

from __future__ import annotations

import math
import random

import msgspec
import pytest

from tests.server.events.conftest import NOON, change
from whetstone_server.events import Event, StoreError, maintenance, open_for_reading, open_store, transfer
from whetstone_server.events.database import Database
from whetstone_server.events.kinds import MetricSample


@pytest.fixture
def filled(folder):
    with open_store(folder) as store:
        for number in range(50):
            store.record(change(number))
    return folder


def versions(folder):
    with open_for_reading(folder) as store:
        return [event.data["document_version"] for event in store.between()]


def test_a_backup_is_consistent_while_somebody_writes(filled, tmp_path):
    with open_store(filled) as store:
        store.record(change(50))
        store.flush()
        assert maintenance.backup(filled, tmp_path / "backup") > 0
        store.record(change(51))
    assert versions(tmp_path / "backup") == list(range(51))
    assert versions(filled) == list(range(52))


def test_a_backup_takes_nothing_elses_place(filled, tmp_path):
    (tmp_path / "backup").mkdir()
    with pytest.raises(StoreError, match="is there already"):
        maintenance.backup(filled, tmp_path / "backup")


def test_the_former_store_is_kept_when_one_is_restored(filled, tmp_path):
    maintenance.backup(filled, tmp_path / "backup")
    with open_store(filled) as store:
        store.record(change(50))
    former = maintenance.restore(tmp_path / "backup", filled)
    assert versions(filled) == list(range(50))
    assert versions(former) == list(range(51))


def test_a_restore_that_is_interrupted_between_two_moves_leaves_the_store_where_it_was(filled, tmp_path, monkeypatch):
    maintenance.backup(filled, tmp_path / "backup")
    moved, move = [], type(filled).rename

    def rename(path, target):
        moved.append(target)
        if len(moved) == 2:
            raise KeyboardInterrupt
        move(path, target)

    monkeypatch.setattr(type(filled), "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        maintenance.restore(tmp_path / "backup", filled)
    assert versions(filled) == list(range(50))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "store"]


def test_an_export_that_is_interrupted_leaves_what_was_there(filled, tmp_path):
    place = tmp_path / "all.jsonl"
    place.write_text("an earlier one")

    def some():
        yield change(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transfer.write(place, some())
    assert place.read_text() == "an earlier one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.jsonl", "store"]


@pytest.mark.parametrize("deed", ["backup", "compact", "restore"])
def test_a_copy_that_is_interrupted_leaves_nothing(filled, tmp_path, monkeypatch, deed):
    maintenance.backup(filled, tmp_path / "backup")

    def copy(_, folder):
        (folder / "data.mdb").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Database, "copy", copy)
    deeds = {
        "backup": lambda: maintenance.backup(filled, tmp_path / "another"),
        "compact": lambda: maintenance.compact(filled),
        "restore": lambda: maintenance.restore(tmp_path / "backup", filled),
    }
    with pytest.raises(KeyboardInterrupt):
        deeds[deed]()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "store"]
    assert not [path for path in filled.iterdir() if path.is_dir() and path.name != "rings"]
    assert versions(filled) == list(range(50))


def test_a_store_in_use_is_neither_restored_nor_compacted(filled, tmp_path):
    maintenance.backup(filled, tmp_path / "backup")
    with open_store(filled) as store:
        for deed in (lambda: maintenance.restore(tmp_path / "backup", filled), lambda: maintenance.compact(filled)):
            with pytest.raises(StoreError, match="is in use; close the editors"):
                deed()
        assert store.record(change(50))
    assert versions(filled) == list(range(51))


def test_nobody_opens_a_store_while_it_is_exchanged(filled):
    with maintenance.exclusive(filled), pytest.raises(StoreError, match="try again in a moment"):
        open_store(filled)
    open_store(filled).close()


def test_what_is_no_backup_is_not_restored(filled, tmp_path):
    with pytest.raises(StoreError, match=r"it holds no data\.mdb"):
        maintenance.restore(tmp_path, filled)
    (tmp_path / "data.mdb").write_bytes(b"not a database" * 1_000)
    with pytest.raises(StoreError, match="is damaged"):
        maintenance.restore(tmp_path, filled)
    assert versions(filled) == list(range(50))


def test_compaction_gives_room_back_and_loses_nothing(filled):
    with open_store(filled) as store:
        for number in range(50, 6_000):
            while not store.record(change(number)):
                store.flush()
        store.checkpoint()
    before, after = maintenance.compact(filled)
    assert after < before
    assert versions(filled) == list(range(6_000))
    assert maintenance.verify(filled) == (6_000, [])


@pytest.mark.parametrize("name", ["week.jsonl", "week.jsonl.zst"])
def test_an_export_is_read_back_packed_or_not(filled, tmp_path, name):
    with open_for_reading(filled) as store:
        transfer.write(tmp_path / name, store.between())
    with open_store(tmp_path / "other") as other:
        assert transfer.add(other, transfer.read(transfer.rows(tmp_path / name))) == (50, 0)
    assert versions(tmp_path / "other") == list(range(50))


def test_what_json_has_no_words_for_is_exported_and_read_back(tmp_path):
    odd = {
        "far": math.inf,
        "none": [math.nan, {"far": -math.inf}],
        "text": "größe \x7f \u2028",
        "empty": None,
        "n": 2**63,
    }
    with open_store(tmp_path / "one") as store:
        store.record(Event("later.kind", odd, time=NOON))
        (line,) = transfer.lines(store.between())
    assert line.isascii()
    with open_store(tmp_path / "other") as other:
        assert transfer.add(other, transfer.read([line])) == (1, 0)
        assert list(transfer.lines(other.between())) == [line]
        assert repr(other.newest(1)[0].data) == repr(odd)


def test_an_import_in_any_order_adds_each_event_once(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "AT_ONCE", 7)
    with open_for_reading(filled) as store:
        lines = list(transfer.lines(store.between()))
    mixed = random.Random(1).sample(lines * 2, 100)
    with open_store(tmp_path / "other") as other:
        assert transfer.add(other, transfer.read(mixed)) == (50, 50)
        assert list(transfer.lines(other.between())) == lines
    assert maintenance.verify(tmp_path / "other") == (50, [])


def test_repeats_that_were_not_merged_stay_apart_however_they_are_imported(tmp_path, monkeypatch):
    """As where a block was full: one that counts another two, and then one alike that it does not count."""
    monkeypatch.setattr(transfer, "AT_ONCE", 1)
    sample = Event.of(MetricSample("latency", 1.0), time=NOON)
    given = [
        msgspec.structs.replace(sample, id="0a-1", count=3),
        msgspec.structs.replace(sample, id="0a-4", time=NOON + 1),
        msgspec.structs.replace(sample, id="0a-5", time=NOON + 2),
    ]
    with open_store(tmp_path / "one") as store:
        assert store.add(given) == 3
        lines = list(transfer.lines(store.between()))
    with open_store(tmp_path / "other") as other:
        for expected in ((3, 0), (0, 3)):
            assert transfer.add(other, transfer.read(lines)) == expected
            assert list(transfer.lines(other.between())) == lines


def test_a_cut_export_says_where_it_ends_and_adds_what_came_before(filled, tmp_path):
    with open_for_reading(filled) as store:
        lines = list(transfer.lines(store.between()))
    lines[30] = lines[30][:40]
    with open_store(tmp_path / "other") as other:
        with pytest.raises(StoreError, match="line 31 is not an exported event"):
            transfer.add(other, transfer.read(lines))
        assert transfer.add(other, transfer.read(lines[:30])) == (30, 0)


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "1",
        '{"id":"a-1"}',
        '{"id":"1","time":"2026-01-01T00:00:00Z","type":"x.y","source":"s","path":null,"data":{}}',
        '{"id":"a-1","time":"yesterday","type":"x.y","source":"s","path":null,"data":{}}',
        '{"id":"a-1","time":"1969-01-01T00:00:00Z","type":"x.y","source":"s","path":null,"data":{}}',
        '{"id":"a-1","time":"2026-01-01T00:00:00Z","type":"document.save","source":"s","path":null,"data":{}}',
        '{"id":"a-1","time":"2026-01-01T00:00:00Z","type":7,"source":"s","path":null,"data":{}}',
        '{"id":"a-1","time":"2026-01-01T00:00:00Z","type":"x.y","source":"s","path":null,"data":{},"count":"many"}',
        '{"id":"a-1","time":"2026-01-01T00:00:00Z","type":"x.y","source":"s","path":null,"data":{"n":'
        + "9" * 99
        + "}}",
        '{"id":"a-1","time":"2026-01-01T00:00:00Z","type":"x.y","source":"s","path":null,"data":{"half":"\\ud800"}}',
        '{"id":"a-1","time":"2026-01-01T00:00:00Z","type":"x.y","source":"s","path":null,"data":{"deep":' + "[" * 10**5,
    ],
)
def test_what_is_no_event_is_not_imported(line):
    with pytest.raises(StoreError, match="line 1 is not an exported event"):
        list(transfer.read([line]))
