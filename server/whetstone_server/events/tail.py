"""The tail: events as they were recorded, on disk but not yet packed into blocks."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from whetstone_server.events.event import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from whetstone_server.events.database import Reading, Writing
    from whetstone_server.events.event import Event
    from whetstone_server.events.ring import Record

_HEADER = struct.Struct("<16sQQQ")
_RECORD = struct.Struct("<IQ")
_KEY = struct.Struct(">Q")
_ROOM = 4_096 - 16 - _HEADER.size
"""Of a page of LMDB, whose own header takes 16 bytes."""


class Batch(NamedTuple):
    """A page of what one commit added: records of one writer."""

    key: bytes
    writer: str
    first: int
    """The earliest time."""
    last: int
    content: bytes

    def events(self) -> list[Event]:
        """Return the events, as they were recorded."""
        return [event_of(self.writer, number, payload) for number, payload in self._records()]

    def _records(self) -> Iterator[tuple[int, bytes]]:
        at, content = _HEADER.size, self.content
        while at < len(content):
            length, number = _RECORD.unpack_from(content, at)
            at += _RECORD.size
            yield number, content[at : at + length]
            at += length


def event_of(writer: str, number: int, payload: bytes) -> Event:
    """Return an event with the id that its record gives it; one that was imported brought its own."""
    event = decode(payload)
    if not event.id:
        msgspec.structs.force_setattr(event, "id", f"{writer}-{number}")  # ours alone so far; a new one costs thrice
    return event


def append(writing: Writing, writer: bytes, records: Sequence[Record]) -> int:
    """Add what is new of a writer's records, and note how far it has come; return how many were new.

    A record whose number is not above the noted one is here already: to replay a ring twice adds nothing.
    """
    noted = writing.get(b"writers", writer)
    reached = _KEY.unpack(noted)[0] if noted else 0
    fresh = [record for record in records if record.number > reached]
    last = next((key for key, _ in writing.backwards(b"tail")), None)
    following = _KEY.unpack(last)[0] + 1 if last else 0
    for key, part in enumerate(_pages(fresh), start=following):
        times = [record.time for record in part]
        body = b"".join([_RECORD.pack(len(record.payload), record.number) + record.payload for record in part])
        writing.put(b"tail", _KEY.pack(key), _HEADER.pack(writer, len(part), min(times), max(times)) + body)
    if fresh:
        writing.put(b"writers", writer, _KEY.pack(fresh[-1].number))
    return len(fresh)


def _pages(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Yield records by as many as fit into a page: what is let go page by page is used again page by page."""
    part: list[Record] = []
    room = _ROOM
    for record in records:
        size = _RECORD.size + len(record.payload)
        if part and size > room:
            yield part
            part, room = [], _ROOM
        part.append(record)
        room -= size
    if part:
        yield part


def reached(reading: Reading, writer: bytes) -> int:
    """Return the number of the last record of a writer that is in the database."""
    noted = reading.get(b"writers", writer)
    return int(_KEY.unpack(noted)[0]) if noted else 0


def unbroken(reading: Reading, writer: bytes, records: Sequence[Record]) -> list[Record]:
    """Return the records that go on where the database ends, up to the first gap.

    A power cut leaves a ring in which any page may be an older one; what lies behind a gap is not to be had.
    """
    last = reached(reading, writer)
    found = []
    for record in records:
        if record.number == last + 1:
            found.append(record)
            last = record.number
    return found


def batches(reading: Reading) -> list[Batch]:
    """Return the batches in the order in which they were committed."""
    return [_batch(key, content) for key, content in reading.forwards(b"tail")]


def count(reading: Reading) -> int:
    """Return how many records there are."""
    return sum(_HEADER.unpack_from(content)[1] for _, content in reading.forwards(b"tail"))


def _batch(key: bytes, content: bytes) -> Batch:
    writer, _, first, last = _HEADER.unpack_from(content)
    return Batch(key, writer.hex(), first, last, content)
