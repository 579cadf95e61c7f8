"""The thread that moves events from the ring into the database, seals the tail and lets old events go."""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from threading import Condition, Thread
from threading import Event as Signal
from typing import TYPE_CHECKING

from whetstone_server.events import locks, retention, ring, sealing, tail
from whetstone_server.events.errors import StoreError
from whetstone_server.events.event import Event, encode
from whetstone_server.events.kinds import EventsDropped

if TYPE_CHECKING:
    from pathlib import Path

    from whetstone_server.events.database import Database, Writing

COMMIT_AFTER_S = 0.25
COMMIT_AT_BYTES = 128 << 10
"""Waiting in the ring, from which they are committed at once: an eighth of it."""
RETRY_AFTER_S = 1.0
TIDY_EVERY_S = 60.0
log = logging.getLogger(__name__)


class Writer:
    """Started with the store, and stopped with it."""

    def __init__(self, database: Database, ring_of_ours: ring.Ring, folder: Path, retention_days: int) -> None:
        self._database, self._ring = database, ring_of_ours
        self._rings = folder / "rings"
        self._retention_days = retention_days
        self._wanted, self._hurry = Signal(), Signal()
        self._done = Condition()
        self._asked = self._answered = 0
        self._failed: StoreError | None = None
        self._stopped = self._awake = False
        self._woken = 0.0
        self._slowest = 0.0
        self._tidied = 0.0
        self._thread = Thread(target=self._run, name="whetstone-events", daemon=True)
        self._adopt()
        self._thread.start()

    def wake(self) -> None:
        """Say that an event was recorded; costs next to nothing."""
        if not self._awake:
            self._woken = time.monotonic()
            self._awake = True
            self._wanted.set()
        if self._ring.waiting > COMMIT_AT_BYTES:
            self._hurry.set()

    def flush(self) -> None:
        """Wait for a commit that begins now. Raises `StoreError` when it fails."""
        with self._done:
            self._asked += 1
            mine = self._asked
            self._hurry.set()
            self._wanted.set()
            self._done.wait_for(lambda: self._answered >= mine or not self._thread.is_alive())
            if self._failed:
                raise self._failed

    def stop(self) -> None:
        """Commit what waits and end the thread; what cannot be committed stays in the ring."""
        self._stopped = True
        self._hurry.set()
        self._wanted.set()
        self._thread.join()

    def take_slowest(self) -> float:
        """Return how many seconds the slowest commit since the last call kept an event waiting."""
        slowest, self._slowest = self._slowest, 0.0
        return slowest

    def _run(self) -> None:
        waiting_since: float | None = None
        while True:
            self._wanted.wait(TIDY_EVERY_S)
            self._hurry.wait(COMMIT_AFTER_S if self._wanted.is_set() else 0)
            self._wanted.clear()
            self._hurry.clear()
            stopping = self._stopped  # behind the two, or what `stop` said in between would be lost for a minute
            if self._awake and waiting_since is None:
                waiting_since = self._woken
            self._awake = False  # last: what was recorded before this is read below, what comes after it wakes us again
            asked = self._asked
            failed = self._attempt()
            if waiting_since is not None and not failed:
                self._slowest = max(self._slowest, time.monotonic() - waiting_since)
                waiting_since = None
            with self._done:
                self._answered, self._failed = asked, failed
                self._done.notify_all()
            if stopping:
                return
            if failed:
                self._wanted.set()
                time.sleep(RETRY_AFTER_S)

    def _attempt(self) -> StoreError | None:
        """Do what is due, and return why events could not be committed; they wait in the ring for the next attempt."""
        try:
            due = self._commit()
        except StoreError as error:
            log.warning("%s", error)
            return error
        except Exception as error:  # an event that is not packed must not end the thread that keeps all others
            log.exception("the event store could not be written")
            return StoreError(f"the event store could not be written: {error}")
        try:
            self._keep_house(due)
        except StoreError as error:  # the events are on the disk, and the rest is tried again
            log.warning("%s", error)
        except Exception:
            log.exception("the event store could not be tidied")
        return None

    def _keep_house(self, due: bool) -> None:
        """Seal the tail when it is due, and once a minute see to what others left and what is old."""
        if due:
            self._database.write(sealing.seal)
        if time.monotonic() - self._tidied > TIDY_EVERY_S and not self._stopped:
            self._tidied = time.monotonic()
            self._database.tidy()
            self._adopt()
            retention.let_go_daily(self._database, self._retention_days)

    def _commit(self) -> bool:
        """Move what waits into the database, and return whether there is enough to be sealed now.

        The change itself looks at that: a reading would want one of the places that other programs may have filled.
        """
        records, position = self._ring.records()
        due = False
        if records:

            def change(writing: Writing) -> bool:
                tail.append(writing, self._ring.writer, records)
                return sealing.is_due(writing)

            due = self._database.write(change)
            self._ring.release(position)
        dropped = self._ring.take_dropped()
        if dropped:
            self._note_dropped(dropped)
        return due

    def _note_dropped(self, dropped: int) -> None:
        event = Event.of(EventsDropped(dropped))
        if not self._ring.append(event.time, encode(event)):
            self._ring.refuse(dropped - 1)  # its own refusal counts as well
        self._wanted.set()

    def _adopt(self) -> None:
        """Take in what processes that died left in their rings."""
        for path in ring.rings(self._rings):
            if path != self._ring.path:
                with suppress(OSError, StoreError):  # tried again in a minute
                    self._adopt_one(path)

    def _adopt_one(self, path: Path) -> None:
        file = os.open(path, os.O_RDWR)
        try:
            if not locks.lock(file):
                return  # its process lives
            left = ring.read(path)
            if left is None:
                return  # a newer Whetstone's, perhaps
            self._database.write(
                lambda writing: tail.append(writing, left.writer, tail.unbroken(writing, left.writer, left.records))
            )
            if left.dropped:
                self._note_dropped(left.dropped)
            path.unlink()
        finally:
            os.close(file)
