"""Sealing: the tail becomes blocks of one kind each, in order of time, none of which overlaps another of its kind."""

from __future__ import annotations

import operator
import struct
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from whetstone_server.events import blocks, rollups, tail
from whetstone_server.events.blocks import Block
from whetstone_server.events.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from whetstone_server.events.database import Reading, Writing
    from whetstone_server.events.event import Event

ENOUGH_BYTES = 256 << 10
"""Of tail from which it is sealed: some thousand keystrokes, so that the common kinds fill whole blocks."""
REPEATED_WITHIN = 60_000_000
"""Microseconds after the first of equal events within which another one only raises its count."""
_KEY = struct.Struct(">HQQI")
_KIND = struct.Struct(">H")


class Place(NamedTuple):
    """The key of a block: its kind's number, the times of its first and last event, and what tells equal ones apart."""

    kind: int
    first: int
    last: int
    part: int

    @property
    def key(self) -> bytes:
        """As the database sorts it."""
        return _KEY.pack(*self)


def place(key: bytes) -> Place:
    """Return what a block's key says."""
    return Place(*_KEY.unpack(key))


def kinds(reading: Reading) -> dict[str, int]:
    """Return the number of each kind that has blocks."""
    found = {}
    for key, number in reading.forwards(b"meta", b"kind:"):
        if not key.startswith(b"kind:"):
            break
        found[key[5:].decode()] = int(_KIND.unpack(number)[0])
    return found


def upwards(reading: Reading, kind: int, start: int = 0) -> Iterator[tuple[Place, bytes]]:
    """Yield the blocks of a kind that end at `start` or later, oldest first."""
    first = next((place(key) for key, _ in reading.backwards(b"blocks", _KEY.pack(kind, start, 0, 0))), None)
    from_here = first.key if first and first.kind == kind else _KEY.pack(kind, start, 0, 0)
    for key, block in reading.forwards(b"blocks", from_here):
        where = place(key)
        if where.kind != kind:
            return
        if where.last >= start:
            yield where, block


def downwards(reading: Reading, kind: int, end: int | None = None) -> Iterator[tuple[Place, bytes]]:
    """Yield the blocks of a kind that begin before `end`, newest first."""
    below = _KEY.pack(kind, end, 0, 0) if end is not None else _KIND.pack(kind + 1)
    for key, block in reading.backwards(b"blocks", below):
        where = place(key)
        if where.kind != kind:
            return
        yield where, block


def is_due(reading: Reading) -> bool:
    """Whether the tail is long enough to be sealed."""
    return reading.bytes_in(b"tail") >= ENOUGH_BYTES


def seal(writing: Writing) -> None:
    """Pack all of the tail into blocks and count it into the rollups; repeats are merged."""
    add(writing, (event for batch in tail.batches(writing) for event in batch.events()), merge=True)
    writing.clear(b"tail")


def add(writing: Writing, events: Iterable[Event], *, merge: bool) -> None:
    """Pack events into the blocks of their kinds and count them into the rollups; repeats are merged when asked for."""
    numbers = kinds(writing)
    by_kind: dict[str, list[Event]] = {}
    for event in events:
        by_kind.setdefault(event.kind, []).append(event)
    for kind, alike in by_kind.items():
        if kind not in numbers:
            numbers[kind] = len(numbers)
            writing.put(b"meta", b"kind:" + kind.encode(), _KIND.pack(numbers[kind]))
        of_kind = _with_touched(writing, kind, numbers[kind], in_order(alike))
        write_blocks(writing, numbers[kind], merged(kind, of_kind) if merge else of_kind)
    rollups.add(writing, by_kind, numbers)


def in_order(events: list[Event]) -> list[Event]:
    """Return events sorted by time, and where that is equal by writer and number."""
    if _all_differ(events):  # nearly always, and then nothing has to be asked of their ids
        return events
    by_time = sorted(events, key=operator.attrgetter("time"))
    return by_time if _all_differ(by_time) else sorted(events, key=rank)


def _all_differ(events: list[Event]) -> bool:
    """Whether each event is later than the one before it."""
    times = [event.time for event in events]
    return all(map(operator.lt, times, times[1:]))


def rank(event: Event) -> tuple[int, str, int]:
    """Return what events are sorted by."""
    writer, _, number = event.id.rpartition("-")
    return event.time, writer, int(number)


def _with_touched(writing: Writing, kind: str, number: int, events: list[Event]) -> list[Event]:
    """Return events together with those of the blocks they fall into, in order; these blocks are removed."""
    for where, block in _touched(writing, number, events[0].time, events[-1].time):
        events = Block(kind, blocks.count(block), blocks.content(block)).events() + events
        writing.delete(b"blocks", where.key)
    return in_order(events)


def write_blocks(writing: Writing, number: int, events: Sequence[Event]) -> None:
    """Write events of one kind, in order, as blocks where none of that kind lie yet."""
    for part, block in blocks.sealed(events):
        where = Place(number, part[0].time, part[-1].time, 0)
        while writing.get(b"blocks", where.key) is not None:  # a block full of one instant, beside another
            where = where._replace(part=where.part + 1)
        writing.put(b"blocks", where.key, block)


def _touched(writing: Writing, number: int, first: int, last: int) -> list[tuple[Place, bytes]]:
    """Return the blocks that events between two times fall into, and the one before them if it is not full."""
    found = []
    for where, block in upwards(writing, number, first):
        if where.first > last:
            break
        found.append((where, bytes(block)))
    before = next(((where, block) for where, block in downwards(writing, number, first) if where.last < first), None)
    if before is not None and len(before[1]) < blocks.FILLED * 3 // 4:
        found.append((before[0], bytes(before[1])))
    return found


def merged(kind: str, events: list[Event]) -> list[Event]:
    """Return events of one kind, in order; where the kind asks for it, repeats become one event that counts them."""
    payload = KINDS.get(kind)
    if payload is None or not payload.repeats:
        return events
    kept: list[Event] = []
    latest: dict[tuple[str, str, str | None], int] = {}
    for event in events:
        about = (event.id.rpartition("-")[0], event.source, event.path)
        place_of_last = latest.get(about)
        if place_of_last is not None:
            last = kept[place_of_last]
            if repeats(last, event):
                kept[place_of_last] = msgspec.structs.replace(last, count=last.count + event.count)
                continue
        latest[about] = len(kept)
        kept.append(event)
    return kept


def repeats(first: Event, event: Event) -> bool:
    """Whether an event says the same as one before it, within a minute of it."""
    return (
        0 <= event.time - first.time <= REPEATED_WITHIN
        and first.data == event.data
        and first.version == event.version
        and (first.kind, first.source, first.path) == (event.kind, event.source, event.path)
    )
