"""The database: the one file that knows LMDB.

LMDB's format is pinned to that of 0.9 (`lib_version=0`): the library carries two engines that cannot read each
other's files. Synchronous commits without a writable map: after a power cut nothing but the last moments is missing,
and a full disk is an error instead of the end of the process.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager, suppress
from threading import Condition, Lock
from typing import TYPE_CHECKING, Any, TypeVar

import lmdb

from whetstone_server.events import drafts
from whetstone_server.events.errors import StoreError
from whetstone_server.folders import sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_Answer = TypeVar("_Answer")

MAP_BYTES = 1 << 34 if sys.maxsize > 1 << 32 else 1 << 29
"""Address space, not disk: growing it later is possible, and costs every process that reads a hiccup."""
MOST_READERS = 126
RESIZE_AFTER_S = 1.0
"""How long readers of this process may go on before the map is made larger, which breaks them off."""
NAMES = (b"meta", b"writers", b"tail", b"blocks", b"rollups", b"metrics")
_LOCKS_BYTES, _LOCK_BYTES = 192, 64
"""Of LMDB's file of locks: its start with the first reader's place, and each other place."""
_DAMAGE = (
    lmdb.InvalidError,
    lmdb.CorruptedError,
    lmdb.VersionMismatchError,
    lmdb.PageNotFoundError,
    lmdb.NotFoundError,
    lmdb.IncompatibleError,
    lmdb.BadTxnError,
)
"""Raised where pages do not hold what they should; the last one after any of the others."""


class Database:
    """An open environment, shared by all who open the same folder in this process."""

    _opened: dict[str, Database] = {}  # noqa: RUF012 -- LMDB lets a process open a file only once
    _inherited: dict[str, Database] = {}  # noqa: RUF012 -- those of the process this one was forked from
    _lock = Lock()

    def __init__(self, folder: Path, readonly: bool) -> None:
        self.folder, self.readonly, self._users = folder, readonly, 0
        self._writing, self._gate = Lock(), Condition()
        self._held = self._resizing = self._resizes = 0
        lock = os.access(folder, os.W_OK) or not readonly
        try:
            if not (folder / "data.mdb").stat().st_size:
                raise StoreError(_damaged(folder, "it is empty"))
            if lock:
                _reserve_locks(folder)
            self._environment = lmdb.open(
                os.fspath(folder),
                map_size=MAP_BYTES,
                max_dbs=len(NAMES) + 2,
                max_readers=MOST_READERS,
                readonly=readonly,
                lock=lock,
                create=False,
                lib_version=0,
            )
        except (lmdb.Error, OSError) as error:
            raise StoreError(_said(folder, error)) from error
        try:
            self._check_whole()
            self._environment.reader_check()
            # Where there is no `meta`, the database is somebody else's, and nothing is written into it.
            self._handles = {
                name: self._environment.open_db(name, create=not readonly and name != b"meta") for name in NAMES
            }
        except lmdb.Error as error:
            self._environment.close()
            raise StoreError(_said(folder, error)) from error
        except StoreError:
            self._environment.close()
            raise

    @classmethod
    def open(cls, folder: Path, *, readonly: bool = False) -> Database:
        """Return the database in `folder`; every `open` wants its `close`.

        Raises `StoreError` when it cannot be opened.
        """
        key = os.path.realpath(folder)
        with cls._lock:
            database = cls._opened.get(key)
            if database is None:
                if inherited := cls._inherited.pop(key, None):
                    inherited._environment.close()  # noqa: SLF001 -- of no use on this side, and in the way of another
                database = cls._opened[key] = cls(folder, readonly)
            elif database.readonly and not readonly:  # LMDB lets a process open a file only once
                raise StoreError(f"{folder} is open for reading in this program; close that first to write to it")
            database._users += 1
            return database

    def close(self) -> None:
        """Give it back; the last one to do so closes it."""
        with Database._lock:
            self._users -= 1
            if not self._users:
                Database._opened.pop(os.path.realpath(self.folder), None)
                self._environment.close()

    @classmethod
    def forget(cls) -> None:
        """Let go of what the process had open that this one was just forked from; it goes on there as before."""
        cls._inherited = {**cls._inherited, **cls._opened}
        cls._opened = {}
        cls._lock = Lock()

    @staticmethod
    def create(folder: Path, fill: Callable[[Writing], None]) -> None:
        """Make a database that is there in whole or not at all: beside its place first, then moved there.

        Does nothing when somebody else was quicker. Raises `StoreError` when it cannot be made.
        """
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with drafts.beside(folder) as draft:
                _reserve_locks(draft)
                with lmdb.open(
                    os.fspath(draft), map_size=MAP_BYTES, max_dbs=1, max_readers=MOST_READERS, lib_version=0
                ) as environment:
                    environment.open_db(b"meta")
                database = Database.open(draft)
                try:
                    database.write(fill)
                finally:
                    database.close()
                sync_folder(draft)
                with suppress(FileExistsError):
                    draft.rename(folder)
                sync_folder(folder.parent)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise StoreError(_said(folder, error)) from error
        except lmdb.Error as error:
            raise StoreError(_said(folder, error)) from error

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Hold one state of the database, whatever is written meanwhile; for milliseconds, not longer."""
        try:
            with self._gate:
                self._gate.wait_for(lambda: not self._resizing, RESIZE_AFTER_S)
                transaction = self._begun()
                self._held += 1
            try:
                with transaction:
                    yield Reading(transaction, self._handles)
            finally:
                with self._gate:
                    self._held -= 1
                    self._gate.notify_all()
        except lmdb.Error as error:
            raise StoreError(_said(self.folder, error)) from error

    def write(self, change: Callable[[Writing], _Answer]) -> _Answer:
        """Make a change, whole or not at all, on disk when this returns; `change` may be called more than once.

        Raises `StoreError` when the disk is full or the database cannot be written; what was there stays readable.
        """
        if self.readonly:
            raise StoreError(f"{self.folder} can only be read; set WHETSTONE_HOME to a folder that can be written")
        try:
            with self._writing:  # or the map could not be made larger, for another thread's change
                return self._written(change)
        except (lmdb.Error, OSError) as error:
            raise StoreError(_said(self.folder, error)) from error

    def tidy(self) -> int:
        """Free the places of readers that were killed, or the file would grow for ever; return how many."""
        return int(self._environment.reader_check())

    def copy(self, folder: Path) -> None:
        """Write a consistent and compact copy into an empty folder, while others read and write."""
        try:
            self._environment.copy(os.fspath(folder), compact=True)
            with (folder / "data.mdb").open("rb+") as file:
                os.fsync(file.fileno())
            sync_folder(folder)
        except (lmdb.Error, OSError) as error:
            raise StoreError(_said(folder, error)) from error

    def bytes_on_disk(self) -> int:
        """Return the size of the data file."""
        return (self.folder / "data.mdb").stat().st_size

    def map_size(self) -> int:
        """Return how large the file may become before the map is made larger."""
        return int(self._environment.info()["map_size"])

    def _check_whole(self) -> None:
        """Raise `StoreError` when the file was cut off: whoever touches a page behind its end is ended (SIGBUS)."""
        pages, size = self._environment.info()["last_pgno"] + 1, self._environment.stat()["psize"]
        # Pages at the end that were given back before they were ever written may be missing, so shortness is no proof.
        if self.bytes_on_disk() < pages * size and (found := faults(self.folder)):
            raise StoreError(_damaged(self.folder, found[0]))

    def _begun(self) -> Any:
        while True:
            try:
                return self._environment.begin()
            except lmdb.MapResizedError:  # another process made the map larger
                self._resize(0)
            except lmdb.ReadersFullError:  # readers that were killed keep their places until somebody looks
                if not self.tidy():
                    raise

    def _written(self, change: Callable[[Writing], _Answer]) -> _Answer:
        while True:
            try:
                with self._environment.begin(write=True) as transaction:
                    return change(Writing(transaction, self._handles))
            except lmdb.MapFullError:
                self._resize(2 * self.map_size())
            except lmdb.MapResizedError:
                self._resize(0)

    def _resize(self, size: int) -> None:
        """Give the map another size, or with 0 the one that another process gave it, when nobody here reads."""
        with self._gate:
            before = self._resizes
            self._resizing += 1
            try:
                self._gate.wait_for(lambda: not self._held or self._resizes != before, RESIZE_AFTER_S)
                if self._resizes == before:
                    self._environment.set_mapsize(size)
                    self._resizes += 1
            finally:
                self._resizing -= 1
                self._gate.notify_all()


class Reading:
    """One state of the database. Keys and values are bytes; values are only good as long as it is held."""

    def __init__(self, transaction: Any, handles: dict[bytes, Any]) -> None:
        self._transaction, self._handles = transaction, handles

    def get(self, name: bytes, key: bytes) -> bytes | None:
        """Return a value, or `None`."""
        found: bytes | None = self._transaction.get(key, db=self._handles[name])
        return found

    def forwards(self, name: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield keys and values from the first key that is not below `start`."""
        with self._transaction.cursor(self._handles[name]) as cursor:
            if cursor.set_range(start):
                yield from cursor.iternext()

    def backwards(self, name: bytes, end: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
        """Yield keys and values from the last key below `end`, or from the very last."""
        with self._transaction.cursor(self._handles[name]) as cursor:
            found = cursor.prev() if end is not None and cursor.set_range(end) else cursor.last()
            if found:
                yield from cursor.iterprev()

    def entries(self, name: bytes) -> int:
        """Return how many keys there are."""
        return int(self._transaction.stat(self._handles[name])["entries"])

    def bytes_in(self, name: bytes) -> int:
        """Return how many bytes of pages hold them."""
        stat = self._transaction.stat(self._handles[name])
        return int((stat["branch_pages"] + stat["leaf_pages"] + stat["overflow_pages"]) * stat["psize"])


class Writing(Reading):
    """A change on its way; it reads what it has written so far."""

    def put(self, name: bytes, key: bytes, value: bytes) -> None:
        """Set a value."""
        self._transaction.put(key, value, db=self._handles[name])

    def delete(self, name: bytes, key: bytes) -> None:
        """Remove a key; nothing happens when it is not there."""
        self._transaction.delete(key, db=self._handles[name])

    def clear(self, name: bytes) -> None:
        """Remove every key."""
        self._transaction.drop(self._handles[name], delete=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=Database.forget)


def faults(folder: Path) -> list[str]:
    """Return what is wrong with the file's pages, in LMDB's words; it must not be written meanwhile."""
    from lmdb import verify  # noqa: PLC0415 -- only this needs it

    try:
        found: list[str] = verify.verify(os.fspath(folder))  # type: ignore[no-untyped-call]
    except verify.VerifyError as error:
        return [str(error)]
    return found


def _said(folder: Path, error: Exception) -> str:
    """Say an error of the disk or the database in our words."""
    reason = getattr(error, "strerror", None) or str(error)
    if isinstance(error, lmdb.DiskError) or "Input/output" in reason or "No space" in reason:
        # LMDB reports a full disk as an input/output error.
        return f"{folder} cannot be written ({reason}): the disk may be full; free some space, what was kept is safe"
    if isinstance(error, _DAMAGE):
        return _damaged(folder, reason)
    if isinstance(error, lmdb.ReadersFullError):
        return f"too many programs read {folder} at once ({reason}); close some of them and try again in a minute"
    return f"{folder} cannot be opened ({reason}); set WHETSTONE_HOME to a folder that can be written"


def _damaged(folder: Path, reason: str) -> str:
    return f"{folder} is damaged or not an event store ({reason}); restore a backup, or move it away to start anew"


def _reserve_locks(folder: Path) -> None:
    """Give a new file of locks its room at once: LMDB maps one with holes, and a full disk would end the process."""
    if not hasattr(os, "posix_fallocate"):
        return
    handle = os.open(folder / "lock.mdb", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not os.fstat(handle).st_size:
            os.posix_fallocate(handle, 0, _LOCKS_BYTES + (MOST_READERS - 1) * _LOCK_BYTES)
    finally:
        os.close(handle)
