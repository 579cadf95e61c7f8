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
from whetstone_server.events.tail import Recorded

if TYPE_CHECKING:
    from pathlib import Path

    from whetstone_server.events.database import Database, Writing

COMMIT_AFTER_S = 0.25
COMMIT_AT_BYTES = 128 << 10
"""Waiting in the ring, from which they are committed at once: an eighth of it."""
MOST_AT_ONCE = 4_096
"""Events of one commit: all of them are in memory several times over while it is made."""
AWAKE_FOR_S = 5.0
"""How long to look every `COMMIT_AFTER_S` whether there is more, before waiting to be woken: that costs `record` ten
times as much as the rest of its work, which is nothing once in a while, and too much at every key."""
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
        self.asleep = self.hurried = False
        self._done = Condition()
        self._asked = self._answered = 0
        self._failed: StoreError | None = None
        self._stopped = False
        self._slowest = 0.0
        self._tidied = 0.0
        self._thread = Thread(target=self._run, name="whetstone-events", daemon=True)
        self._adopt()
        self._thread.start()

    def wake(self, waiting: int) -> None:
        """Say that events were recorded while it was asleep, or that so many bytes of them wait."""
        if self.asleep:
            self.asleep = False
            self._wanted.set()
        if waiting > COMMIT_AT_BYTES and not self.hurried:
            self.hurried = True
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
        quiet_since = behind = 0.0
        while True:
            if time.monotonic() - quiet_since > AWAKE_FOR_S:
                self.asleep = True  # before looking once more, or what is recorded in between would wait for a minute
                if not self._ring.waiting:
                    self._wanted.wait(TIDY_EVERY_S)
                self.asleep = False
            self._hurry.wait(COMMIT_AFTER_S)
            self._wanted.clear()
            self._hurry.clear()
            stopping = self._stopped  # behind the two, or what `stop` said in between would be lost for a minute
            self.hurried = False  # last: what was recorded before this is read below
            asked, began = self._asked, time.monotonic()
            waiting_since = max(self._ring.waiting_since, behind) if self._ring.waiting else None
            failed = self._attempt()
            if waiting_since is not None:
                quiet_since = began
            if not failed:
                behind = began
                if waiting_since is not None:
                    self._slowest = max(self._slowest, time.monotonic() - waiting_since)
            with self._done:
                self._answered, self._failed = asked, failed
                self._done.notify_all()
            if stopping:
                return
            if failed:
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
        """Move what waits into the database, and return whether there is enough in the tail to be sealed now."""
        due, newest = False, self._ring.newest
        while (waiting := self._ring.oldest(MOST_AT_ONCE)).payloads:
            recorded = Recorded(self._ring.writer, waiting.first, waiting.times, waiting.payloads)
            due = self._move(recorded)
            self._ring.release(waiting)
            if recorded.last >= newest:  # what is recorded meanwhile has its own time
                break
        dropped = self._ring.take_dropped()
        if dropped:
            self._note_dropped(dropped)
        return due

    def _move(self, recorded: Recorded) -> bool:
        """Pack these records at once if they fill blocks, or add them to the tail; return as `_commit` does."""
        if sum(map(len, recorded.payloads)) >= sealing.ENOUGH_BYTES and self._packed(recorded):
            return False

        # The change itself looks whether sealing is due: a reading would want one of the places that other programs
        # may have filled.
        def change(writing: Writing) -> bool:
            tail.append(writing, recorded)
            return sealing.is_due(writing)

        return self._database.write(change)

    def _packed(self, recorded: Recorded) -> bool:
        try:
            self._database.write(lambda writing: sealing.seal_at_once(writing, recorded))
        except StoreError:
            raise
        except Exception:  # what cannot be packed shall be kept all the same
            log.exception("events could not be packed; they stay in the tail")
            return False
        return True

    def _note_dropped(self, dropped: int) -> None:
        event = Event.of(EventsDropped(dropped))
        if not self._ring.append(event.time, encode(event)):
            self._ring.refuse(dropped - 1)  # its own refusal counts as well

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
            self._database.write(lambda writing: _adopt_records(writing, left))
            if left.dropped:
                self._note_dropped(left.dropped)
            path.unlink()
        finally:
            os.close(file)


def _adopt_records(writing: Writing, left: ring.Left) -> None:
    records = tail.unbroken(writing, left.writer, left.records)
    if records:
        times, payloads = [record.time for record in records], [record.payload for record in records]
        tail.append(writing, Recorded(left.writer, records[0].number, times, payloads))
