"""The store: events in, events out.

The promise, word for word:

- **P1** `record()` returned True: the event survives kill -9, a crash or the out-of-memory killer at any instant, of
  any process, and appears exactly once after the next open, by any process.
- **P2** It is on stable storage at most 250 ms and one commit after `record()`, or when `flush()` returns, provided the
  device honours flushes; after a power cut the store opens without repair and holds a gap-free prefix of each writer's
  events. There is no promise for what was recorded after that.
- **P3** On a full disk or one that can only be read the server neither stops nor waits; what is committed stays
  readable; new events wait in the ring, then are dropped, and counted.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from whetstone_server.events import drafts, filesystem, layouts, maintenance, migrations, reading, rollups, sealing
from whetstone_server.events.database import Database
from whetstone_server.events.errors import StoreError
from whetstone_server.events.following import Follower
from whetstone_server.events.reading import FOREVER, Wanted
from whetstone_server.events.ring import Ring
from whetstone_server.events.writer import COMMIT_AT_BYTES, Writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from whetstone_server.events.database import Reading, Writing
    from whetstone_server.events.event import Event
    from whetstone_server.events.rollups import Minutes, Summary

RETENTION_DAYS = 30
AT_ONCE = 8_192
"""Events that are read or added at once where there are many."""


class Stats(NamedTuple):
    """What a store holds."""

    events: int
    """As they are kept: equal ones that were merged into one are one."""
    repeats: int
    """For how many more these stand."""
    kinds: dict[str, int]
    bytes_on_disk: int
    oldest: int | None
    newest: int | None
    map_size: int


def open_store(folder: Path, *, retention_days: int = RETENTION_DAYS) -> EventStore:
    """Return the store in `folder`, made there when there is none, for reading and writing.

    Raises `StoreError` when it cannot be opened or made, with what to do; `StoreTooNewError`, one of those, when a
    newer Whetstone wrote it: `open_for_reading` then still works.
    """
    filesystem.check(folder)
    if not (folder / "data.mdb").exists():
        Database.create(folder, migrations.create)
    drafts.remove_abandoned(folder)
    ring_of_ours = Ring(folder / "rings")
    try:
        maintenance.check_not_exclusive(folder)
        database = Database.open(folder)
        try:
            _check_nobody_older_writes(database, folder)
            migrations.migrate(database, folder)
            layouts.make_known(database)
            return EventStore(folder, database, ring_of_ours, retention_days)
        except BaseException:
            database.close()
            raise
    except BaseException:
        ring_of_ours.close()
        raise


def _check_nobody_older_writes(database: Database, folder: Path) -> None:
    """Raise `StoreError` when a store would be moved forward under somebody who goes on writing as before."""
    if migrations.version(database) < migrations.MAJOR and maintenance.live_writers(folder) > 1:  # one of them is ours
        raise StoreError(f"an older Whetstone is writing to {folder}; close the editors that run it, and try again")


def open_for_now() -> EventStore:
    """Return a store that is forgotten when it is closed, in memory where the system has a place for that.

    For homes that cannot be written. Raises `StoreError` when there is no room for it either.
    """
    memory = Path("/dev/shm")  # noqa: S108 -- a folder of our own is made in it, with a name nobody knows beforehand
    place = memory if os.access(memory, os.W_OK) else None
    try:
        folder = Path(tempfile.mkdtemp(prefix="whetstone-", dir=place))
    except OSError as error:
        raise StoreError(f"there is no room for events, not even for a while ({error.strerror})") from error
    store = open_store(folder / "store")
    store.forget_when_closed = True
    return store


def open_for_reading(folder: Path) -> EventStore:
    """Return a store that is only read, without touching a file; its `record` keeps nothing and says so.

    Raises `StoreError` when there is none, or it cannot be read.
    """
    if not (folder / "data.mdb").exists():
        raise StoreError(f"there are no events in {folder} yet")
    return EventStore(folder, Database.open(folder, readonly=True), None, RETENTION_DAYS)


class EventStore:
    """An open store, for as many threads as there are; close it, or use it as a context manager."""

    def __init__(self, folder: Path, database: Database, ring_of_ours: Ring | None, retention_days: int) -> None:
        """`open_store` and `open_for_reading` make these."""
        self.folder = folder
        self.forget_when_closed = False
        self._database = database
        self._ring = ring_of_ours
        self._writer = Writer(database, ring_of_ours, folder, retention_days) if ring_of_ours else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- writing -----------------------------------------------------------------------------------------------------

    def record(self, event: Event) -> bool:
        """Keep an event: True once it is safe from the death of any process. Neither waits nor raises.

        False when the ring is full, the store is only read, or the event is not of its kind or too large; all that
        is counted, and shows as `events.dropped`.
        """
        ring_of_ours, writer = self._ring, self._writer
        if ring_of_ours is None or writer is None:
            return False
        try:
            payload = layouts.encoded(event)
            if payload is None:
                ring_of_ours.refuse()
                return False
            waiting = ring_of_ours.append(event.time, payload)
        except Exception:  # noqa: BLE001 -- whatever an event holds, recording it never raises into the caller
            ring_of_ours.refuse()
            return False
        if writer.asleep or waiting > COMMIT_AT_BYTES:
            writer.wake(waiting)
        return waiting > 0

    def add(self, events: Sequence[Event]) -> int:
        """Add events that have their ids, as they were exported, where none of that id is there; return how many.

        They are on disk when this returns. Raises `StoreError` when the disk does not take them.
        """
        self.flush()

        def change(writing: Writing) -> int:
            fresh = _not_there(writing, events)
            sealing.add_events(writing, fresh.values())
            return len(fresh)

        return self._database.write(change) if events else 0

    def flush(self) -> None:
        """Wait until everything recorded so far is on disk. Raises `StoreError` when the disk does not take it."""
        if self._writer:
            self._writer.flush()

    def checkpoint(self) -> None:
        """Flush, and pack everything into blocks. Raises `StoreError` when the disk does not take it."""
        self.flush()
        self._database.write(sealing.seal)

    def take_lag(self) -> float:
        """Return the most seconds that an event waited for its commit since this was asked last."""
        return self._writer.take_slowest() if self._writer else 0.0

    def close(self) -> None:
        """Flush, and close; what the disk does not take stays in the ring for whoever opens the store next."""
        if self._writer:
            self._writer.stop()
        if self._ring:
            self._ring.close()
        self._database.close()
        if self.forget_when_closed:
            shutil.rmtree(self.folder.parent, ignore_errors=True)

    # -- reading -----------------------------------------------------------------------------------------------------

    def newest(self, number: int = 100, **wanted: Any) -> list[Event]:
        """Return the newest events, newest first; `wanted` as in `between`."""
        return list(self.backwards(Wanted(**wanted), number))

    def between(self, start: int = 0, end: int = FOREVER, **wanted: Any) -> list[Event]:
        """Return all events from `start` to before `end`, in microseconds since 1970, oldest first.

        `wanted` narrows that by `kind` (whole, or its first words), `source`, `path` and `text`.
        """
        left = reading.rings_of(self.folder / "rings")
        with self._database.reading() as state:
            return reading.between(state, left, Wanted(start, end, **wanted))

    def search(self, text: str, number: int = 100, **wanted: Any) -> list[Event]:
        """Return the newest events that hold `text` in kind, source, path or payload; case matters."""
        return self.newest(number, text=text, **wanted)

    def backwards(self, wanted: Wanted, most: int = FOREVER) -> Iterator[Event]:
        """Yield the wanted events of one state of the store, newest first, up to so many; close the iterator soon."""
        left = reading.rings_of(self.folder / "rings")
        with self._database.reading() as state:
            yield from reading.newest_first(state, left, wanted, most)

    def forwards(self, wanted: Wanted) -> Iterator[Event]:
        """Yield all wanted events, oldest first, holding a few thousand of them, and no state of the store for long.

        What is recorded meanwhile is among them unless its time was passed already.
        """
        start = wanted.start
        while start < wanted.end:
            left = reading.rings_of(self.folder / "rings")
            with self._database.reading() as state:
                events, start = reading.oldest(state, left, wanted._replace(start=start), AT_ONCE)
            yield from events

    def follow(self) -> Follower:
        """Return what tells the events that are recorded from now on, each time it is asked."""
        return Follower(self._database, self.folder / "rings")

    def per_minute(self, start: int, end: int) -> Minutes:
        """Return how many events of each kind there were in each minute of the hours that touch these times.

        This holds for a year, also for events that were let go.
        """
        left = reading.rings_of(self.folder / "rings")
        with self._database.reading() as state:
            names = {number: kind for kind, number in sealing.kinds(state).items()}
            return rollups.per_minute(state, names, reading.unsealed(state, left), start, end)

    def metric(self, name: str, start: int = 0, end: int = FOREVER) -> Summary | None:
        """Return what a metric came to in the hours that touch these times; `None` without a sample.

        This holds for a year, also for samples that were let go.
        """
        left = reading.rings_of(self.folder / "rings")
        with self._database.reading() as state:
            summaries = rollups.metric(state, name, start, end)
            values = [
                event.data["value"]
                for event in reading.unsealed(state, left)
                if event.kind == "metric.sample" and event.data.get("name") == name and start <= event.time < end
                for _ in range(event.count)
            ]
            return rollups.together(summaries, values) if summaries or values else None

    def bytes_on_disk(self) -> int:
        """Return what the store takes on the disk."""
        return self._database.bytes_on_disk()

    def stats(self) -> Stats:
        """Return what the store holds."""
        left = reading.rings_of(self.folder / "rings")
        with self._database.reading() as state:
            extents = reading.extents(state, left)
        return Stats(
            sum(extent.events for extent in extents.values()),
            sum(extent.repeats for extent in extents.values()),
            {kind: extents[kind].events for kind in sorted(extents, key=lambda kind: (-extents[kind].events, kind))},
            self._database.bytes_on_disk(),
            min((extent.first for extent in extents.values()), default=None),
            max((extent.last for extent in extents.values()), default=None),
            self._database.map_size(),
        )


def _not_there(state: Reading, events: Sequence[Event]) -> dict[str, Event]:
    """Return those events by id that neither are in a state of the store nor are counted there as repeats.

    What one in the store counts more than the one of that id among `events`, it counts of the others.
    """
    given = {event.id: event.count for event in events}
    fresh = {event.id: event for event in events}
    alike: dict[tuple[str, str, str], list[Event]] = {}
    for event in events:
        alike.setdefault(_of_whom(event), []).append(event)
    start = min(event.time for event in events) - sealing.REPEATED_WITHIN
    end = max(event.time for event in events) + 1
    merged: list[Event] = []
    while start < end:
        here, start = reading.oldest(state, [], Wanted(start, end), AT_ONCE)
        for event in here:
            fresh.pop(event.id, None)
            if event.count > given.get(event.id, 1) and _of_whom(event) in alike:
                merged.append(event)
    for event in merged:
        more = event.count - given.get(event.id, 1)
        for repeat in alike[_of_whom(event)]:
            if more > 0 and repeat.id in fresh and sealing.repeats(event, repeat):
                del fresh[repeat.id]
                more -= repeat.count
    return fresh


def _of_whom(event: Event) -> tuple[str, str, str]:
    return event.id.rpartition("-")[0], event.kind, event.source
