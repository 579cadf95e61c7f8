"""Reading: one state of the store, from the database and from what rings hold that is not in it yet.

The rings are read first. What a commit moves into the database in between is then found there, and left out of what
was read from its ring, since its number is not above the one that the database notes for its writer.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from whetstone_server.events import blocks, ring, sealing, tail
from whetstone_server.events.blocks import Block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from whetstone_server.events.database import Reading
    from whetstone_server.events.event import Event

FOREVER = 1 << 62


class Wanted(NamedTuple):
    """Which events are asked for; whatever is `None` does not matter."""

    start: int = 0
    """Microseconds since 1970, included."""
    end: int = FOREVER
    """Excluded."""
    kind: str | None = None
    """A kind, or its first words: `document` stands for `document.open` and all others of the subject."""
    source: str | None = None
    path: str | None = None
    text: str | None = None
    """Part of the kind, the source, the path, or any text in the payload."""

    def suits_kind(self, kind: str) -> bool:
        """Whether events of a kind may be wanted."""
        return self.kind is None or kind == self.kind or kind.startswith(self.kind + ".")

    def suits(self, event: Event) -> bool:
        """Whether an event is wanted."""
        return (
            self.start <= event.time < self.end
            and self.suits_kind(event.kind)
            and (self.source is None or event.source == self.source)
            and (self.path is None or event.path == self.path)
            and (self.text is None or _mentions(event, self.text))
        )

    def suits_all_between(self) -> bool:
        """Whether nothing but kind and time matters."""
        return self.source is None and self.path is None and self.text is None


class _Part(NamedTuple):
    """Some events that lie together, not read yet."""

    last: int
    load: Callable[[int], list[Event]]
    """Returns the wanted ones, in order; the newest so many are enough."""


def rings_of(folder: Path) -> list[ring.Left]:
    """Return what all rings of a store hold."""
    return [left for path in ring.rings(folder) if (left := ring.read(path)) is not None]


def newest_first(reading: Reading, left: list[ring.Left], wanted: Wanted, enough: int = FOREVER) -> Iterator[Event]:
    """Yield the wanted events, newest first, and read no more than that takes; `enough` says how many will be taken."""
    streams = [iter([part]) for part in _loose(reading, left, wanted)]
    streams += [
        _sealed_parts(reading, kind, number, wanted)
        for kind, number in sealing.kinds(reading).items()
        if wanted.suits_kind(kind)
    ]
    heads: list[tuple[int, int, _Part]] = []
    for place, stream in enumerate(streams):
        _advance(heads, place, stream)
    ready: list[tuple[tuple[int, str, int], Event]] = []  # in order, so that the newest is the last
    while heads:
        _, place, part = heapq.heappop(heads)
        _advance(heads, place, streams[place])
        loaded = part.load(enough)
        if loaded:
            ready += [(sealing.rank(event), event) for event in loaded]
            ready.sort(key=lambda pair: pair[0])
        horizon = -heads[0][0] if heads else -1
        while ready and ready[-1][0][0] > horizon:
            yield ready.pop()[1]
    yield from (event for _, event in reversed(ready))


def between(reading: Reading, left: list[ring.Left], wanted: Wanted) -> list[Event]:
    """Return all wanted events, oldest first."""
    found: list[Event] = []
    for part in _loose(reading, left, wanted):
        found += part.load(FOREVER)
    for kind, number in sealing.kinds(reading).items():
        if wanted.suits_kind(kind):
            for part in _sealed_parts(reading, kind, number, wanted):
                found += part.load(FOREVER)
    return sealing.in_order(found)


def unsealed(reading: Reading, left: list[ring.Left]) -> Iterator[Event]:
    """Yield every event that is not in a block yet, in no order."""
    for part in _loose(reading, left, Wanted()):
        yield from part.load(FOREVER)


def extent(reading: Reading, number: int) -> tuple[int, int, int]:
    """Return how many events of a kind lie in blocks, and the times of the first and the last."""
    count, first, last = 0, FOREVER, 0
    for where, block in sealing.upwards(reading, number):
        count += blocks.count(block)
        first, last = min(first, where.first), max(last, where.last)
    return count, first, last


def _advance(heads: list[tuple[int, int, _Part]], place: int, stream: Iterator[_Part]) -> None:
    part = next(stream, None)
    if part is not None:
        heapq.heappush(heads, (-part.last, place, part))


def _loose(reading: Reading, left: list[ring.Left], wanted: Wanted) -> Iterator[_Part]:
    """Yield what is not in blocks: the tail's batches, and what the rings hold beyond them."""
    for batch in tail.batches(reading):
        if batch.last >= wanted.start and batch.first < wanted.end:
            yield _Part(batch.last, lambda _, batch=batch: _suiting(batch.events(), wanted))  # type: ignore[misc]
    for each in left:
        records = tail.unbroken(reading, each.writer, each.records)
        if records:
            writer = each.writer.hex()
            events = [tail.event_of(writer, record.number, record.payload) for record in records]
            yield _Part(max(record.time for record in records), lambda _, events=events: _suiting(events, wanted))  # type: ignore[misc]


def _suiting(events: list[Event], wanted: Wanted) -> list[Event]:
    return [event for event in events if wanted.suits(event)]


def _sealed_parts(reading: Reading, kind: str, number: int, wanted: Wanted) -> Iterator[_Part]:
    """Yield the blocks of a kind, newest first."""
    for where, block in sealing.downwards(reading, number, wanted.end):
        if where.last < wanted.start:
            return
        yield _Part(where.last, lambda enough, block=block: _from_block(kind, block, wanted, enough))  # type: ignore[misc]


def _from_block(kind: str, packed: bytes, wanted: Wanted, enough: int) -> list[Event]:
    body = blocks.content(packed)
    if wanted.text is not None and wanted.text not in kind and wanted.text.encode() not in body:
        return []  # texts lie in a block as they are, one behind the other
    block = Block(kind, blocks.count(packed), body)
    if wanted.suits_all_between():
        start, end = 0, block.count
        if wanted.start > 0 or wanted.end < FOREVER:
            times = block.times()
            start, end = bisect_left(times, wanted.start), bisect_right(times, wanted.end - 1)
        return block.events(max(start, end - enough), end) if start < end else []
    return _suiting(block.events(), wanted)


def _mentions(event: Event, text: str) -> bool:
    if text in event.kind or text in event.source or (event.path is not None and text in event.path):
        return True
    return any(_holds(value, text) for value in event.data.values())


def _holds(value: Any, text: str) -> bool:
    if type(value) is str:
        return text in value
    if type(value) is list:
        return any(_holds(item, text) for item in value)
    if type(value) is dict:
        return any(text in key or _holds(item, text) for key, item in value.items())
    return False
