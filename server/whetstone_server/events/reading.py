"""Reading: one state of the store, from the database and from what rings hold that is not in it yet.

The rings are read first. What a commit moves into the database in between is then found there, and left out of what
was read from its ring, since its number is not above the one that the database notes for its writer.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.events import blocks, ring, rollups, sealing, slices, tail
from whetstone_server.events.blocks import Block
from whetstone_server.events.kinds import may_repeat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from whetstone_server.events.database import Reading
    from whetstone_server.events.event import Event

FOREVER = 1 << 62
AT_HAND = 32
"""Blocks that stay unpacked, of some tens of kilobytes each."""


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

    first: int
    last: int
    size: int
    """How many events of a block; 0 for what is not in blocks, which never is much."""
    load: Callable[[Wanted, int], list[Event]]
    """Returns those that are wanted, in order; the newest so many of them are enough."""


def rings_of(folder: Path) -> list[ring.Left]:
    """Return what all rings of a store hold."""
    return [left for path in ring.rings(folder) if (left := ring.read(path)) is not None]


def newest_first(reading: Reading, left: list[ring.Left], wanted: Wanted, most: int = FOREVER) -> Iterator[Event]:
    """Yield the wanted events, newest first, up to so many; no more is read than that takes."""
    if most <= 0:
        return
    streams = [iter([part]) for part in _loose(reading, left, wanted)]
    streams += [_sealed_parts(reading, kind, number, wanted) for kind, number in _kinds(reading, wanted)]
    heads: list[tuple[int, int, _Part]] = []
    for place, stream in enumerate(streams):
        _advance(heads, place, stream)
    ready: list[Event] = []  # in order, so that the newest is the last
    while heads:
        _, place, part = heapq.heappop(heads)
        _advance(heads, place, streams[place])
        enough_since = ready[-most].time if len(ready) >= most else wanted.start
        if loaded := part.load(wanted._replace(start=enough_since), most):
            ready = sealing.in_order(ready + loaded)[-most:]
        horizon = -heads[0][0] if heads else -1
        while ready and ready[-1].time > horizon:
            yield ready.pop()
            most -= 1
            if not most:
                return


def between(reading: Reading, left: list[ring.Left], wanted: Wanted) -> list[Event]:
    """Return all wanted events, oldest first."""
    found: list[Event] = []
    for part in _loose(reading, left, wanted):
        found += part.load(wanted, FOREVER)
    for kind, number in _kinds(reading, wanted):
        for part in _sealed_parts(reading, kind, number, wanted):
            found += part.load(wanted, FOREVER)
    return sealing.in_order(found)


def oldest(reading: Reading, left: list[ring.Left], wanted: Wanted, enough: int) -> tuple[list[Event], int]:
    """Return the oldest wanted events, in order, and the time before which these are all; about `enough` are read."""
    streams = [iter([part]) for part in _loose(reading, left, wanted)]
    streams += [_sealed_upwards(reading, kind, number, wanted) for kind, number in _kinds(reading, wanted)]
    heads = [(part.first, place, part) for place, stream in enumerate(streams) if (part := next(stream, None))]
    heapq.heapify(heads)
    parts: list[_Part] = []
    looked_at = 0
    while heads and (looked_at < enough or heads[0][0] <= wanted.start):
        _, place, part = heapq.heappop(heads)
        parts.append(part)
        looked_at += part.size
        if following := next(streams[place], None):
            heapq.heappush(heads, (following.first, place, following))
    wanted = wanted._replace(end=min(heads[0][0], wanted.end) if heads else wanted.end)
    return sealing.in_order([event for part in parts for event in part.load(wanted, FOREVER)]), wanted.end


def unsealed(reading: Reading, left: list[ring.Left]) -> Iterator[Event]:
    """Yield every event that is not in a block yet, in no order."""
    everything = Wanted()
    for part in _loose(reading, left, everything):
        yield from part.load(everything, FOREVER)


class Extent(NamedTuple):
    """How much there is of a kind."""

    events: int
    repeats: int
    """For how many more events these stand."""
    first: int
    """The earliest time."""
    last: int


def extents(reading: Reading, left: list[ring.Left]) -> dict[str, Extent]:
    """Return how much there is of each kind."""
    found: dict[str, Extent] = {}

    def add(kind: str, part: Extent) -> None:
        so_far = found.get(kind, part._replace(events=0, repeats=0))
        found[kind] = Extent(
            so_far.events + part.events,
            so_far.repeats + part.repeats,
            min(so_far.first, part.first),
            max(so_far.last, part.last),
        )

    for kind, number in sealing.kinds(reading).items():
        for where, block in sealing.upwards(reading, number):
            repeats = _opened(kind, block).repeats() if may_repeat(kind) else 0
            add(kind, Extent(blocks.count(block), repeats, where.first, where.last))
    for event in unsealed(reading, left):
        add(event.kind, Extent(1, event.count - 1, event.time, event.time))
    return found


def _kinds(reading: Reading, wanted: Wanted) -> list[tuple[str, int]]:
    """Return the kinds that may have wanted events in blocks, with their numbers."""
    numbers = sealing.kinds(reading).items()
    there = rollups.kinds_between(reading, wanted.start, wanted.end)
    return [
        (kind, number) for kind, number in numbers if wanted.suits_kind(kind) and (there is None or number in there)
    ]


def _advance(heads: list[tuple[int, int, _Part]], place: int, stream: Iterator[_Part]) -> None:
    part = next(stream, None)
    if part is not None:
        heapq.heappush(heads, (-part.last, place, part))


def _loose(reading: Reading, left: list[ring.Left], wanted: Wanted) -> Iterator[_Part]:
    """Yield what is not in blocks: the tail's batches, and what the rings hold beyond them."""
    for batch in tail.batches(reading):
        if batch.last >= wanted.start and batch.first < wanted.end:
            yield _Part(batch.first, batch.last, 0, lambda wanted, _, batch=batch: _suiting(batch.events(), wanted))  # type: ignore[misc]
    for each in left:
        records = tail.unbroken(reading, each.writer, each.records)
        if records:
            writer, times = each.writer.hex(), [record.time for record in records]
            events = [tail.event_of(reading, writer, record.number, record.payload) for record in records]
            yield _Part(min(times), max(times), 0, lambda wanted, _, events=events: _suiting(events, wanted))  # type: ignore[misc]


def _suiting(events: list[Event], wanted: Wanted) -> list[Event]:
    return [event for event in events if wanted.suits(event)]


def _sealed_parts(reading: Reading, kind: str, number: int, wanted: Wanted) -> Iterator[_Part]:
    """Yield the blocks of a kind, newest first."""
    for where, block in sealing.downwards(reading, number, wanted.end):
        if where.last < wanted.start:
            return
        yield _part(kind, where, block)


def _sealed_upwards(reading: Reading, kind: str, number: int, wanted: Wanted) -> Iterator[_Part]:
    """Yield the blocks of a kind, oldest first."""
    for where, block in sealing.upwards(reading, number, wanted.start):
        if where.first >= wanted.end:
            return
        yield _part(kind, where, block)


def _part(kind: str, where: sealing.Place, block: bytes) -> _Part:
    def load(wanted: Wanted, most: int) -> list[Event]:
        return _from_block(kind, where, block, wanted, most)

    return _Part(where.first, where.last, blocks.count(block), load)


def _from_block(kind: str, where: sealing.Place, packed: bytes, wanted: Wanted, most: int) -> list[Event]:
    simple = wanted.suits_all_between()
    whole = wanted.start <= where.first and where.last < wanted.end
    if simple and whole and blocks.count(packed) <= most:
        return _opened(kind, packed).events()
    block = _kept(kind, packed) if simple else _holding(kind, packed, wanted.text)
    if block is None:
        return []
    start, end = (0, block.count) if whole else block.span(wanted.start, wanted.end)
    if simple:
        return block.events(max(start, end - most), end)
    return block.events_at(_places(block, start, end, wanted)[-most:])


def _opened(kind: str, packed: bytes) -> Block:
    return Block(kind, blocks.count(packed), blocks.content(packed))


@lru_cache(maxsize=AT_HAND)
def _kept(kind: str, packed: bytes) -> Block:
    """Return a block of which a part is wanted: of rare kinds a few hold weeks, and are wanted again and again."""
    return _opened(kind, packed)


def _holding(kind: str, packed: bytes, text: str | None) -> Block | None:
    """Return a block that may hold a text, if one is asked for."""
    body = blocks.content(packed)
    if text is not None and text not in kind and text.encode("utf-8", "surrogatepass") not in body:
        return None  # texts lie in a block as they are, one behind the other
    return Block(kind, blocks.count(packed), body)


def _places(block: Block, start: int, end: int, wanted: Wanted) -> Sequence[int]:
    """Return the places of wanted events between two places of a block."""
    found: Sequence[int] = range(start, end)
    narrowings = ((block.of_source, wanted.source), (block.of_path, wanted.path), (block.holding, wanted.text))
    for narrowing, value in narrowings:
        if value is not None:
            places = narrowing(value)
            if len(places) == block.count:
                continue
            if not places:
                return ()
            if type(found) is range:
                found = places[bisect_left(places, found.start) : bisect_left(places, found.stop)]
            else:
                found = sorted(set(found).intersection(places))
    return found


def _mentions(event: Event, text: str) -> bool:
    if text in event.kind or text in event.source or (event.path is not None and text in event.path):
        return True
    return any(slices.holds(value, text) for value in event.data.values())
