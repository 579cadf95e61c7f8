"""Following: what was recorded since somebody looked last, by whichever process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.events import reading, sealing, tail
from whetstone_server.events.event import now
from whetstone_server.events.reading import Wanted

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    from whetstone_server.events.database import Database, Reading
    from whetstone_server.events.event import Event
    from whetstone_server.events.ring import Left

LATE = 60_000_000
"""Microseconds by which the clocks of those who write may differ."""


class Follower:
    """Knows how far each writer had come when it was asked last."""

    def __init__(self, database: Database, rings: Path) -> None:
        """Begin with what is recorded from now on; `EventStore.follow` makes these."""
        self._database, self._rings = database, rings
        left = reading.rings_of(rings)
        with database.reading() as state:
            self._seen = _reached(state, left)
        self._asked = now()

    def events(self) -> list[Event]:
        """Return what was recorded since this was asked last, in order of time; what was imported is not among it."""
        asked, left = now(), reading.rings_of(self._rings)
        with self._database.reading() as state:
            reached = _reached(state, left)
            since = {
                writer: self._seen.get(writer, 0)
                for writer, number in reached.items()
                if number > self._seen.get(writer, 0)
            }
            if not since:
                return []
            found = _unsealed(state, left, since)
            # What was packed into blocks meanwhile is found by its time.
            if packed := {writer for writer, number in since.items() if not _is_all(found, writer, number, reached)}:
                here = reading.between(state, [], Wanted(self._asked - LATE))
                found.update((event.id, event) for event in here if _is_of(event, packed, since))
        self._seen, self._asked = reached, asked
        return sealing.in_order(list(found.values()))


def _reached(state: Reading, left: list[Left]) -> dict[str, int]:
    """Return the number of each writer's last record."""
    found = {key.hex(): int.from_bytes(number) for key, number in state.forwards(b"writers")}
    for each in left:
        if each.records:
            writer = each.writer.hex()
            found[writer] = max(found.get(writer, 0), each.records[-1].number)
    return found


def _unsealed(state: Reading, left: list[Left], since: dict[str, int]) -> dict[str, Event]:
    """Return what is not in blocks and has a higher number than is said for its writer, by id."""
    found: list[Event] = []
    whole: set[str] = set()
    for batch in reversed(tail.batches(state)):
        if batch.writer in since and batch.writer not in whole:
            found += batch.events()
            if batch.number <= since[batch.writer] + 1:
                whole.add(batch.writer)
    for each in left:
        writer = each.writer.hex()
        if writer in since:
            records = tail.unbroken(state, each.writer, each.records)
            found += [tail.event_of(state, writer, record.number, record.payload) for record in records]
    return {event.id: event for event in found if _is_of(event, since, since)}


def _is_all(found: dict[str, Event], writer: str, since: int, reached: dict[str, int]) -> bool:
    return f"{writer}-{since + 1}" in found and f"{writer}-{reached[writer]}" in found


def _is_of(event: Event, writers: Container[str], since: dict[str, int]) -> bool:
    writer, _, number = event.id.rpartition("-")
    return writer in writers and int(number) > since[writer]
