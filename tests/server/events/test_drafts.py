"""What a killed process leaves half made is removed by whoever writes next, and what is being made is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from tests.server.events.conftest import change
from whetstone_server.events import StoreError, drafts, locks, open_for_reading, open_store, ring
from whetstone_server.events.ring import HEADER_BYTES, Ring

KILLED_WHILE_FILLING = """
import os, signal, sys
from pathlib import Path
from whetstone_server.events.database import Database
Database.create(Path(sys.argv[1]), lambda _: os.kill(os.getpid(), signal.SIGKILL))
"""
KILLED_WHILE_MAKING_A_RING = """
import os, signal, sys
from pathlib import Path
from whetstone_server.events import ring
ring._reserve = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
ring.Ring(Path(sys.argv[1]))
"""


def killed(program, folder):
    done = subprocess.run([sys.executable, "-c", program, os.fspath(folder)], check=False)
    assert done.returncode == -signal.SIGKILL


def names(folder):
    return {path.name for path in folder.iterdir()}


def lying_about(folder):
    """Paths that look like what a killed process leaves of a store."""
    open_store(folder).close()
    store, file = folder.with_name(f".{folder.name}-draft-abcd_123"), folder / ".data.mdb-draft-efgh4567"
    for draft in (store, file):
        draft.mkdir()
        (draft / "data.mdb").write_bytes(b"half")
    making, blank = folder / "rings" / "00.draft", folder / "rings" / "11.ring"
    making.write_bytes(b"")
    blank.write_bytes(bytes(HEADER_BYTES * 2))
    return [store, file, making, blank]


def test_a_store_whose_maker_was_killed_leaves_nothing_once_somebody_writes(folder):
    killed(KILLED_WHILE_FILLING, folder)
    assert len(names(folder.parent)) == 1
    with open_store(folder) as store:
        assert store.record(change(1))
    assert names(folder.parent) == {"store"}


def test_a_ring_whose_maker_was_killed_leaves_nothing_once_somebody_writes(folder):
    open_store(folder).close()
    killed(KILLED_WHILE_MAKING_A_RING, folder / "rings")
    assert len(names(folder / "rings")) == 1
    open_store(folder).close()
    assert names(folder / "rings") == set()


def test_whoever_writes_removes_what_nobody_holds(folder):
    left = lying_about(folder)
    open_store(folder).close()
    assert [path for path in left if path.exists()] == []


def test_whoever_only_reads_removes_nothing(folder):
    left = lying_about(folder)
    open_for_reading(folder).close()
    assert all(path.exists() for path in left)


def test_what_somebody_holds_stays(folder):
    left = lying_about(folder)
    with ExitStack() as stack:
        for path in left:
            file = os.open(path, os.O_RDONLY)
            stack.callback(os.close, file)
            assert locks.lock(file)
        open_store(folder).close()
        assert all(path.exists() for path in left)
    open_store(folder).close()
    assert not any(path.exists() for path in left)


@pytest.mark.parametrize(
    "name",
    [".store-draft-abcd", ".store-draft-abcd12345", "store-draft-abcd_123", ".other-draft-abcd_123", ".store-20491231"],
)
def test_what_is_not_named_like_a_draft_stays(folder, name):
    open_store(folder).close()
    folder.with_name(name).mkdir()
    open_store(folder).close()
    assert folder.with_name(name).exists()


def test_a_folder_that_holds_anything_else_stays(folder):
    store, *_ = lying_about(folder)
    (store / "notes.txt").write_text("somebody's")
    open_store(folder).close()
    assert (store / "notes.txt").read_text() == "somebody's"
    assert (store / "data.mdb").exists()


def test_a_draft_is_held_until_it_is_moved_or_removed(tmp_path):
    place = tmp_path / "store"
    with drafts.beside(place) as draft:
        drafts.remove_abandoned(place)
        assert draft.is_dir()
        assert names(tmp_path) == {draft.name}
    assert names(tmp_path) == set()
    with drafts.beside(place) as draft:
        draft.rename(place)
    assert names(tmp_path) == {"store"}


def test_a_new_draft_takes_the_place_of_an_abandoned_one(tmp_path):
    place, left = tmp_path / "backup", tmp_path / ".backup-draft-abcd_123"
    left.mkdir()
    (left / "data.mdb").write_bytes(b"half")
    with drafts.beside(place) as draft, drafts.beside(place) as another:
        assert names(tmp_path) == {draft.name, another.name}


def test_a_ring_that_is_being_made_is_not_taken_for_an_abandoned_one(folder, monkeypatch):
    open_store(folder).close()

    reserve = ring._reserve

    def look_on(*given):
        drafts.remove_abandoned(folder)
        reserve(*given)

    monkeypatch.setattr(ring, "_reserve", look_on)
    made = Ring(folder / "rings", capacity=HEADER_BYTES)
    assert made.path.exists()
    made.close()


def test_a_store_that_cannot_be_made_says_so_and_leaves_nothing(folder):
    folder.parent.joinpath("store").write_text("a file")
    with pytest.raises(StoreError):
        open_store(folder)
    assert names(folder.parent) == {"store"}
