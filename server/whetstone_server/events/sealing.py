"""Sealing: the tail becomes blocks of one kind each, in order of time, none of which overlaps another of its kind."""

from __future__ import annotations

import operator
import struct
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.events import blocks, rollups, table, tail
from whetstone_server.events.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from whetstone_server.events.database import Reading, Writing
    from whetstone_server.events.event import Event
    from whetstone_server.events.table import Table
    from whetstone_server.events.tail import Recorded

ENOUGH_BYTES = 128 << 10
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
    """Pack all of the tail into blocks and count it into the rollups; repeats are merged.

    A batch that is damaged stays where it is, for whoever verifies the store.
    """
    batches = tail.batches(writing)
    whole = [batch for batch in batches if not batch.is_damaged()]
    add(writing, tail.tables(writing, whole), merge=True)
    if len(whole) == len(batches):
        writing.clear(b"tail")
    else:
        for batch in whole:
            writing.delete(b"tail", batch.key)


def seal_at_once(writing: Writing, recorded: Recorded) -> None:
    """Pack those records that are not there yet into blocks and count them, without a stay in the tail."""
    fresh = tail.fresh(writing, recorded)
    if fresh is not None:
        add(writing, tail.tables_of(writing, fresh), merge=True)
        tail.note(writing, fresh)


def add_events(writing: Writing, events: Iterable[Event]) -> None:
    """Pack events that have their ids into the blocks of their kinds, and count them into the rollups."""
    by_kind: dict[str, list[Event]] = {}
    for event in events:
        by_kind.setdefault(event.kind, []).append(event)
    add(writing, {kind: table.of_events(alike) for kind, alike in by_kind.items()}, merge=False)


def add(writing: Writing, by_kind: Mapping[str, Table], *, merge: bool) -> None:
    """Pack tables into the blocks of their kinds and count them into the rollups; repeats are merged when asked for."""
    numbers = kinds(writing)
    by_kind = {kind: rows.in_order() for kind, rows in by_kind.items()}
    for kind, fresh in by_kind.items():
        if kind not in numbers:
            numbers[kind] = len(numbers)
            writing.put(b"meta", b"kind:" + kind.encode(), _KIND.pack(numbers[kind]))
        of_kind = _with_touched(writing, kind, numbers[kind], fresh)
        _write(writing, kind, numbers[kind], merged(kind, of_kind) if merge else of_kind)
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


def write_blocks(writing: Writing, number: int, events: Sequence[Event]) -> None:
    """Write events of one kind, in order, as blocks where none of that kind lie yet."""
    _write(writing, events[0].kind, number, table.of_events(events))


def _write(writing: Writing, kind: str, number: int, rows: Table) -> None:
    for part, block in blocks.sealed(kind, rows):
        where = Place(number, part.times[0], part.times[-1], 0)
        while writing.get(b"blocks", where.key) is not None:  # a block full of one instant, beside another
            where = where._replace(part=where.part + 1)
        writing.put(b"blocks", where.key, block)


def _with_touched(writing: Writing, kind: str, number: int, rows: Table) -> Table:
    """Return rows together with those of the blocks they fall into or go on from, in order; these are removed."""
    touched = _touched(writing, number, rows)
    if not touched:
        return rows
    for where, _ in touched:
        writing.delete(b"blocks", where.key)
    before = (blocks.table(kind, block) for _, block in reversed(touched))
    return table.together([*before, rows]).in_order()


def _touched(writing: Writing, number: int, rows: Table) -> list[tuple[Place, bytes]]:
    """Return the blocks that rows fall into, and those before them that they should share a block with, newest first.

    A block that is not full is taken when it holds no more than what comes to it. So each event of a rare kind is
    packed again only as often as its block doubles, and no more blocks that are not full lie behind one another than
    it takes to double the smallest to a full one (as the runs of a log-structured merge tree).
    """
    first, last = rows.times[0], rows.times[-1]
    found = []
    for where, block in upwards(writing, number, first):
        if where.first > last:
            break
        found.append((where, bytes(block)))
    found.reverse()
    held = rows.length + sum(blocks.count(block) for _, block in found)
    for where, block in downwards(writing, number, first):
        if where.last >= first:
            continue
        if blocks.is_full(block) or blocks.count(block) > held:
            break
        held += blocks.count(block)
        found.append((where, bytes(block)))
    return found


def merged(kind: str, rows: Table) -> Table:
    """Return rows of one kind, in order; where the kind asks for it, repeats become one row that counts them."""
    payload = KINDS.get(kind)
    if payload is None or not payload.repeats:
        return rows
    times, sources, paths, versions, _, writers, _ = rows.columns[: table.OWN]
    payloads = list(zip(*rows.fields, strict=True)) if rows.names else rows.payloads()
    kept, counts = list[int](), list(rows.counts)
    latest: dict[tuple[str, str, str | None], int] = {}
    for place_of_row, about in enumerate(zip(writers, sources, paths, strict=True)):
        before = latest.get(about)
        if (
            before is not None
            and payloads[before] == payloads[place_of_row]
            and times[place_of_row] - times[before] <= REPEATED_WITHIN
            and versions[before] == versions[place_of_row]
        ):
            counts[before] += counts[place_of_row]
        else:
            latest[about] = place_of_row
            kept.append(place_of_row)
    return rows if len(kept) == len(counts) else rows.counting(counts).at(kept)


def repeats(first: Event, event: Event) -> bool:
    """Whether an event says the same as one before it, within a minute of it."""
    return (
        0 <= event.time - first.time <= REPEATED_WITHIN
        and first.data == event.data
        and first.version == event.version
        and (first.kind, first.source, first.path) == (event.kind, event.source, event.path)
    )
