"""Backup, restore, compaction and verification: each leaves what was there in place until the new is complete."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from whetstone_server.events import blocks, drafts, filesystem, locks, migrations, ring, sealing, tail
from whetstone_server.events.blocks import Block
from whetstone_server.events.database import Database, faults
from whetstone_server.events.errors import StoreError
from whetstone_server.folders import sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from whetstone_server.events.database import Reading

EXCLUSIVE = "exclusive.lock"
"""Held while a store's file is exchanged; whoever opens the store meanwhile is told to try again."""


def backup(folder: Path, target: Path) -> int:
    """Write a consistent, compact copy of a store into a new folder, while others read and write; return its bytes.

    Raises `StoreError` when there is something at `target`, or it cannot be written.
    """
    if target.exists():
        raise StoreError(f"{target} is there already; name a folder that is not")
    with _copied(folder, target, readonly=not os.access(folder, os.W_OK)) as copy:
        copy.rename(target)
        sync_folder(target.parent)
    return (target / "data.mdb").stat().st_size


def restore(source: Path, folder: Path) -> Path | None:
    """Put a backup in a store's place, and return where the store that was there lies now, if there was one.

    Raises `StoreError` when the backup is damaged, or the store is in use.
    """
    if not (source / "data.mdb").is_file():
        raise StoreError(f"{source} is not a backup: it holds no data.mdb")
    filesystem.check(folder)
    if found := faults(source):
        raise StoreError(f"{source} is damaged ({found[0]}); nothing was changed")
    with _opened(source, readonly=True) as database:
        migrations.version(database)
    with _copied(source, folder, readonly=True) as copy:
        former = _exchanged(folder, copy)
        sync_folder(folder.parent)
    return former


def compact(folder: Path) -> tuple[int, int]:
    """Rewrite a store without the room that deleted events left; return its bytes before and after.

    Raises `StoreError` when somebody else has it open, or there is no room for the copy beside it.
    """
    file = folder / "data.mdb"
    with exclusive(folder):
        before = file.stat().st_size
        with _copied(folder, file, readonly=False) as copy:
            if found := faults(copy):
                raise StoreError(f"the compacted copy is damaged ({found[0]}); nothing was changed")
            (copy / "data.mdb").replace(file)
            sync_folder(folder)
        return before, file.stat().st_size


def verify(
    folder: Path, told: Callable[[int, int], None] = lambda *_: None, *, pages: bool | None = None
) -> tuple[int, list[str]]:
    """Return how many events could be read, and everything that is wrong with a store, in words.

    `pages` says whether the pages of the file are looked at too, which can only be done while nobody writes; unless it
    is said, that is found out. `told` is called with how many blocks of how many were read.
    Raises `StoreError` when the store cannot be opened at all.
    """
    if pages is None:
        pages = not live_writers(folder)
    problems = [f"page: {fault}" for fault in faults(folder)] if pages else []
    with _opened(folder, readonly=True) as database, database.reading() as state:
        events, more = _content_problems(state, told)
    return events, problems + more


def live_writers(folder: Path) -> int:
    """Return how many processes have a store open for writing."""
    return sum(map(locks.is_held, ring.rings(folder / "rings")))


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Keep everybody else from opening a store. Raises `StoreError` when somebody has it open."""
    try:
        file = os.open(folder / EXCLUSIVE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written ({error.strerror}); set WHETSTONE_HOME to a folder that can"
        ) from error
    try:
        if not locks.lock(file):
            raise StoreError(f"{folder} is being compacted or restored by somebody else; try again in a moment")
        if live_writers(folder):
            raise StoreError(f"{folder} is in use; close the editors and commands that have it open, and try again")
        yield
    finally:
        os.close(file)


def check_not_exclusive(folder: Path) -> None:
    """Raise `StoreError` while a store's file is being exchanged."""
    if locks.is_held(folder / EXCLUSIVE):
        raise StoreError(f"{folder} is being compacted or restored; try again in a moment")


@contextmanager
def _copied(folder: Path, place: Path, *, readonly: bool) -> Iterator[Path]:
    """Yield a folder beside a place that holds a whole copy of a store, to be moved there, or else it is removed."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with drafts.beside(place) as copy:
            with _opened(folder, readonly=readonly) as database:
                database.copy(copy)
            yield copy
    except OSError as error:
        raise StoreError(f"{place} cannot be written ({error.strerror})") from error


@contextmanager
def _opened(folder: Path, *, readonly: bool) -> Iterator[Database]:
    database = Database.open(folder, readonly=readonly)
    try:
        yield database
    finally:
        database.close()


def _exchanged(folder: Path, copy: Path) -> Path | None:
    """Move a copy to a store's place, and return where the store that was there lies now."""
    if not folder.exists():
        copy.rename(folder)
        return None
    with exclusive(folder):
        former = _free_name(folder)
        try:
            folder.rename(former)
            copy.rename(folder)
        except BaseException:  # Ctrl-C as well: between the two there is no store
            with suppress(OSError):
                former.rename(folder)
            raise
    return former


def _free_name(folder: Path) -> Path:
    number = 1
    while (former := folder.with_name(f"{folder.name}-before-restore-{number}")).exists():
        number += 1
    return former


def _content_problems(state: Reading, told: Callable[[int, int], None]) -> tuple[int, list[str]]:
    events, problems, read, total = 0, [], 0, state.entries(b"blocks")
    for kind, number in sealing.kinds(state).items():
        behind = 0
        for where, packed in sealing.upwards(state, number):
            read += 1
            told(read, total)
            name = f"block {where.key.hex()} of {kind}"
            try:
                found = Block(kind, blocks.count(packed), blocks.content(packed)).events()
            except Exception as error:  # noqa: BLE001 -- whatever is wrong with its bytes is what is asked for
                problems.append(f"{name} cannot be read ({error}); restore a backup to have its events")
                continue
            events += len(found)
            times = [event.time for event in found]
            if times != sorted(times) or times[0] != where.first or times[-1] != where.last:
                problems.append(f"{name} is not in order")
            if where.first < behind:
                problems.append(f"{name} overlaps the one before it")
            behind = where.last
    for batch in tail.batches(state):
        try:
            events += len(batch.events())
        except Exception:  # noqa: BLE001 -- as above
            problems.append(f"batch {batch.key.hex()} of the tail cannot be read; restore a backup to have its events")
    return events, problems
