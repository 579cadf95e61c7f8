"""The ring: where an event is safe from the death of any process the moment `record` returns.

A file of fixed size, mapped into memory and shared with the kernel, that one process writes and any may read:

    0   magic, 8 bytes       8   writer, 16 bytes      24  capacity, u64
    32  head, u64            40  tail, u64             48  dropped, u64        64  records …

Head and tail only grow; a position's place is its remainder by the capacity. A record is its payload's length (u32),
a CRC-32 over number and payload (u32), its number (u64), the event's time (u64), the payload, and filling up to eight
bytes. The head moves
when a record is complete, in one aligned store, and the tail when what lies before it is on disk in the database: what
a killed process leaves is exactly what was acknowledged and is not in the database yet.
"""

from __future__ import annotations

import mmap
import os
import secrets
import struct
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from whetstone_server.events import locks
from whetstone_server.events.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAGIC = b"WHETRNG1"
HEADER_BYTES = 64
CAPACITY = 1 << 20
"""Ten thousand keystrokes, or forty times what is ever left between two commits."""
LARGEST = 1 << 18
"""The most bytes one event may take."""
_START = struct.Struct("<8s16sQQQQ")
_RECORD = struct.Struct("<IIQQ")
_HEAD, _TAIL, _DROPPED = 4, 5, 6


class Record(NamedTuple):
    """One record as it was read."""

    number: int
    time: int
    payload: bytes


class Waiting(NamedTuple):
    """What this process recorded and the database does not have yet, or the oldest part of it."""

    first: int
    """The number of the first record; the others follow it without a gap."""
    times: list[int]
    payloads: list[bytes]
    end: int
    """The position behind it."""


class Ring:
    """The ring of this process, open for writing."""

    def __init__(self, folder: Path, capacity: int = CAPACITY) -> None:
        """Make a ring under a new writer's name in `folder`.

        Raises `StoreError` when the disk has no room for it, or the folder cannot be written.
        """
        self.writer = secrets.token_bytes(16)
        self.path = folder / f"{self.writer.hex()}.ring"
        self._capacity = capacity
        self._lock = Lock()
        self.waiting_since = 0.0
        """When a record came into the empty ring, by `time.monotonic`."""
        # What waits is in memory once more: to take it apart from the file again costs a third of recording it.
        # Of each its number, the position behind it, its time and its payload, in one list: of thousands of tuples the
        # garbage collection would make work. The first record no longer waits.
        self._waiting: list[Any] = [0, 0, 0, b""]
        draft = self.path.with_suffix(".draft")
        try:
            folder.mkdir(exist_ok=True)
            self._file = _locked(draft)
        except OSError as error:
            raise StoreError(
                f"{folder} cannot be written ({error.strerror}); set WHETSTONE_HOME to a folder that can"
            ) from error
        try:
            # Without the room really there, a full disk would end the process at some later keystroke (SIGBUS).
            _reserve(self._file, HEADER_BYTES + capacity)
            os.pwrite(self._file, _START.pack(MAGIC, self.writer, capacity, 0, 0, 0), 0)
            # Locked before it has its name: a ring that bears its name and is not locked has lost its process.
            draft.rename(self.path)
            self._map = mmap.mmap(self._file, HEADER_BYTES + capacity)
        except OSError as error:
            os.close(self._file)
            with suppress(OSError):
                draft.unlink()
            raise StoreError(
                f"there is no room for the event ring in {folder} ({error.strerror}); free some space"
            ) from error
        self._numbers = memoryview(self._map).cast("Q")

    def append(self, time: int, payload: bytes) -> int:
        """Keep a payload, safe from the death of this process from now on; return how many bytes wait, 0 if no room."""
        length = len(payload)
        size = _RECORD.size + length
        with self._lock:
            known = self._waiting
            head: int = known[-3]
            tail: int = known[1]
            end = head + size + (-length & 7)
            if length > LARGEST or end - tail > self._capacity:
                self._numbers[_DROPPED] += 1
                return 0
            if head == tail:
                self.waiting_since = monotonic()
            number = known[-4] + 1
            record = _RECORD.pack(length, crc32(payload, number & 0xFFFFFFFF), number, time) + payload
            place = head % self._capacity
            if place + size <= self._capacity:
                start = HEADER_BYTES + place
                self._map[start : start + size] = record
            else:
                self._wrap(record, place)
            self._numbers[_HEAD] = end
            # All that is known of it in one step: an interrupt before this leaves the ring as if it had never begun.
            known.extend((number, end, time, payload))
            return end - tail

    def refuse(self, number: int = 1) -> None:
        """Count events that could not be kept."""
        with self._lock:
            self._numbers[_DROPPED] += number

    def _wrap(self, record: bytes, place: int) -> None:
        room = self._capacity - place
        first, rest = record[:room], record[room:]
        self._map[HEADER_BYTES + place : HEADER_BYTES + place + len(first)] = first
        self._map[HEADER_BYTES : HEADER_BYTES + len(rest)] = rest

    @property
    def waiting(self) -> int:
        """How many bytes are not in the database yet."""
        with self._lock:
            return int(self._waiting[-3] - self._waiting[1])

    @property
    def newest(self) -> int:
        """The number of the last record."""
        with self._lock:
            return int(self._waiting[-4])

    def oldest(self, most: int) -> Waiting:
        """Return the oldest records that are not in the database yet, as many as `most`."""
        with self._lock:
            part = self._waiting[: 4 * most + 4]
        return Waiting(part[0] + 1, part[6::4], part[7::4], part[-3])

    def release(self, waiting: Waiting) -> None:
        """Give the room of the oldest records back: they are on disk in the database."""
        with self._lock:
            del self._waiting[: 4 * len(waiting.times)]
            self._numbers[_TAIL] = waiting.end

    def take_dropped(self) -> int:
        """Return how many events were dropped since this was asked last."""
        with self._lock:
            dropped = int(self._numbers[_DROPPED])
            self._numbers[_DROPPED] = 0
            return dropped

    def close(self) -> None:
        """Remove the file if all of it is in the database, or leave it to whoever opens the store next."""
        empty = not self.waiting
        self._numbers.release()
        self._map.close()
        if empty:
            with suppress(OSError):
                self.path.unlink()
        os.close(self._file)


class Left(NamedTuple):
    """What a ring on disk held at one instant."""

    path: Path
    writer: bytes
    records: list[Record]
    dropped: int


def read(path: Path) -> Left | None:
    """Return what a ring holds, whether its process lives or not; `None` when it is gone or not a ring.

    A record that its writer is just overwriting, after a commit, fails its checksum and is left out.
    """
    try:
        with path.open("rb", buffering=0) as file:
            magic, writer, capacity, head, tail, dropped = _START.unpack(file.read(_START.size))
            whole = os.fstat(file.fileno()).st_size == HEADER_BYTES + capacity
            if magic != MAGIC or not whole or not 0 <= head - tail <= capacity:
                return None

            def part(place: slice) -> bytes:
                file.seek(place.start)
                return file.read(place.stop - place.start)

            return Left(path, writer, _records(_between(part, capacity, tail, head)), dropped)
    except (OSError, struct.error):
        return None


def rings(folder: Path) -> list[Path]:
    """Return the rings in a folder, by name."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".ring")
    except OSError:
        return []


def _between(part: Callable[[slice], bytes], capacity: int, tail: int, head: int) -> bytes:
    """Return what lies between two positions, in one piece."""
    if head == tail:
        return b""
    start, end = HEADER_BYTES + tail % capacity, HEADER_BYTES + head % capacity
    if start < end:
        return part(slice(start, end))
    return part(slice(start, HEADER_BYTES + capacity)) + part(slice(HEADER_BYTES, end))


def _records(content: bytes) -> list[Record]:
    found, at = [], 0
    while at + _RECORD.size <= len(content):
        length, checksum, number, time = _RECORD.unpack_from(content, at)
        if length > LARGEST:
            break  # overwritten while it was read, and so is what lies behind it
        payload = content[at + _RECORD.size : at + _RECORD.size + length]
        if crc32(payload, number & 0xFFFFFFFF) == checksum:
            found.append(Record(number, time, payload))
        at += _RECORD.size + length + (-length & 7)
    return found


def _locked(draft: Path) -> int:
    """Return a new open file that is locked; what is not locked yet may be taken for that of a dead process."""
    while True:
        file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        if locks.lock(file) and draft.exists():
            return file
        os.close(file)


def _reserve(file: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:  # macOS and Windows: written zeros take their room as surely
        os.write(file, bytes(size))
