"""Stores of every layout there was open in this version, with all that is in them.

`stores/` holds one store for each layout, as the last release that wrote it left it, and beside it the export of what
is in it. A new layout brings a new folder; none is ever written anew.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from whetstone_server.events import StoreError, StoreTooNewError, migrations, open_for_reading, open_store, transfer
from whetstone_server.events.database import Database
from whetstone_server.events.maintenance import verify

STORES = Path(__file__).parent / "stores"
LAYOUTS = sorted(folder.name for folder in STORES.iterdir() if folder.is_dir())


def test_there_is_a_store_of_every_layout():
    assert [f"layout-{number}" for number in range(1, migrations.MAJOR + 1)] == LAYOUTS
    assert len(migrations.STEPS) == migrations.MAJOR


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_store_of_an_earlier_release_opens_with_all_that_is_in_it(folder, layout):
    shutil.copytree(STORES / layout, folder)
    exported = (STORES / f"{layout}.jsonl").read_text(encoding="utf-8")
    with open_for_reading(folder) as store:
        assert "".join(transfer.lines(store.between())) == exported
        assert store.metric("latency").samples == 40
    with open_store(folder, retention_days=100_000) as store:  # what is in it was old when it was written
        assert "".join(transfer.lines(store.between())) == exported
        store.checkpoint()
    assert verify(folder)[1] == []


def test_a_step_is_made_once_and_after_a_backup(folder, monkeypatch):
    open_store(folder).close()
    made = []
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, made.append))
    monkeypatch.setattr(migrations, "MAJOR", migrations.MAJOR + 1)
    open_store(folder).close()
    open_store(folder).close()
    assert len(made) == 1
    before = migrations.MAJOR - 1
    backup = Database.open(folder.with_name(f"store-layout-{before}"), readonly=True)
    assert migrations.version(backup) == before
    backup.close()


def test_a_store_of_a_newer_release_is_read_and_not_written(folder):
    with open_store(folder) as store:
        store._database.write(lambda writing: writing.put(b"meta", b"schema", b"99"))
    with pytest.raises(StoreTooNewError, match="update Whetstone"):
        open_store(folder)
    with open_for_reading(folder) as store:
        assert store.newest() == []


def test_a_store_that_an_older_release_writes_is_not_moved_forward_under_it(folder, monkeypatch):
    with open_store(folder):
        monkeypatch.setattr(migrations, "MAJOR", migrations.MAJOR + 1)
        with pytest.raises(StoreError, match="close the editors that run it"):
            open_store(folder)
