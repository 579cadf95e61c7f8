"""The tail: events as they were recorded, on disk but not yet packed into blocks.

A batch is a CRC-32 of all behind it, its writer, the number of its first record, the earliest and the latest time, and
a MessagePack list of what was recorded, which a single call takes apart. The numbers of its records are consecutive.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

import msgspec

from whetstone_server.events import layouts
from whetstone_server.events.errors import StoreError
from whetstone_server.events.table import Table, of_payloads, together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from whetstone_server.events.database import Reading, Writing
    from whetstone_server.events.event import Event
    from whetstone_server.events.ring import Record

_HEADER = struct.Struct(">I16sQQQ")
_LIST = struct.Struct(">BI")
_LIST_OF_MANY = 0xDD
"""How MessagePack announces a list whose length takes four bytes."""
_HEADER_1, _RECORD_1 = struct.Struct("<16sQQQ"), struct.Struct("<IQ")
_KEY = struct.Struct(">Q")
_ROOM = 4_096 - 16 - _HEADER.size - _LIST.size
"""Of a page of LMDB, whose own header takes 16 bytes."""
_AT_ONCE = 64
"""Records taken apart in one call, during which no other thread runs."""
_rows = msgspec.msgpack.Decoder(list[tuple[Any, ...]]).decode
_row = msgspec.msgpack.Decoder(tuple[Any, ...]).decode


class Recorded(NamedTuple):
    """Records of one writer with consecutive numbers."""

    writer: bytes
    first: int
    """The number of the first one."""
    times: Sequence[int]
    payloads: Sequence[bytes]

    @property
    def last(self) -> int:
        """The number of the last one."""
        return self.first + len(self.payloads) - 1


class Batch(NamedTuple):
    """A page of what one commit added: records of one writer."""

    reading: Reading
    key: bytes
    writer: str
    number: int
    """Of its first record."""
    first: int
    """The earliest time."""
    last: int
    content: bytes

    def events(self) -> list[Event]:
        """Return the events, as they were recorded. Raises `StoreError` when the batch is damaged."""
        return [
            layouts.event(self.reading, row, self.writer, number) for number, row in enumerate(self.rows(), self.number)
        ]

    def is_damaged(self) -> bool:
        """Whether it is not as it was written."""
        return self.content[:4] != crc32(memoryview(self.content)[4:]).to_bytes(4)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return what was recorded, as lists. Raises `StoreError` when the batch is damaged."""
        if self.is_damaged():
            raise StoreError(
                "events that are not packed yet are damaged; `whetstone events verify` says which, and what to do"
            )
        return _rows(memoryview(self.content)[_HEADER.size :])


def event_of(reading: Reading, writer: str, number: int, payload: bytes) -> Event:
    """Return the event that was recorded as `payload`, with the id that its record gives it."""
    return layouts.event(reading, _row(payload), writer, number)


def fresh(reading: Reading, recorded: Recorded) -> Recorded | None:
    """Return those records that are not in the database yet, or `None` when all are.

    A record whose number is not above the noted one is there already: to replay a ring twice adds nothing.
    """
    known = max(reached(reading, recorded.writer) - recorded.first + 1, 0)
    if known >= len(recorded.payloads):
        return None
    return Recorded(recorded.writer, recorded.first + known, recorded.times[known:], recorded.payloads[known:])


def append(writing: Writing, recorded: Recorded) -> None:
    """Add those of the records that are not there yet, and note how far their writer has come."""
    new = fresh(writing, recorded)
    if new is None:
        return
    last = next((key for key, _ in writing.backwards(b"tail")), None)
    following = _KEY.unpack(last)[0] + 1 if last else 0
    for key, part in enumerate(_pages(new), start=following):
        content = _content(part.writer, part.first, min(part.times), max(part.times), part.payloads)
        writing.put(b"tail", _KEY.pack(key), content)
    note(writing, new)


def note(writing: Writing, recorded: Recorded) -> None:
    """Note that these records are in the database."""
    writing.put(b"writers", recorded.writer, _KEY.pack(recorded.last))


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
    found = []
    for key, content in contents(reading):
        _, writer, number, first, last = _HEADER.unpack_from(content)
        found.append(Batch(reading, key, writer.hex(), number, first, last, content))
    return found


def contents(reading: Reading) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and the bytes of all batches, those of the first layout as they would be written now."""
    if reading.get(b"meta", b"schema") == b"1":
        return ((key, _renewed(content)) for key, content in reading.forwards(b"tail"))
    return reading.forwards(b"tail")


def tables(reading: Reading, found: Iterable[Batch]) -> dict[str, Table]:
    """Return what batches hold, by kind. Raises `StoreError` when one of them is damaged."""
    return _tables(reading, ((batch.writer, batch.number, batch.rows()) for batch in found))


def tables_of(reading: Reading, recorded: Recorded) -> dict[str, Table]:
    """Return records by kind."""
    payloads = recorded.payloads
    starts = range(0, len(payloads), _AT_ONCE)
    parts = ((start, _rows(_listed(payloads[start : start + _AT_ONCE]))) for start in starts)
    return _tables(reading, ((recorded.writer.hex(), recorded.first + start, rows) for start, rows in parts))


def _content(writer: bytes, number: int, first: int, last: int, payloads: Sequence[bytes]) -> bytes:
    checked = _HEADER.pack(0, writer, number, first, last)[4:] + _listed(payloads)
    return crc32(checked).to_bytes(4) + checked


def _renewed(content: bytes) -> bytes:
    """Return a batch of the first layout, where each record had its length and its number before it, as it is now."""
    writer, _, first, last = _HEADER_1.unpack_from(content)
    at, numbers, payloads = _HEADER_1.size, list[int](), list[bytes]()
    while at < len(content):
        length, number = _RECORD_1.unpack_from(content, at)
        at += _RECORD_1.size + length
        numbers.append(number)
        payloads.append(content[at - length : at])
    return _content(writer, numbers[0], first, last, payloads)


def _listed(payloads: Sequence[bytes]) -> bytes:
    return _LIST.pack(_LIST_OF_MANY, len(payloads)) + b"".join(payloads)


def _pages(recorded: Recorded) -> Iterator[Recorded]:
    """Yield records by as many as fit into a page: what is let go page by page is used again page by page."""
    writer, first, times, payloads = recorded
    ends = list(accumulate(map(len, payloads)))
    start = behind = 0
    while start < len(ends):
        end = max(bisect_right(ends, behind + _ROOM, start), start + 1)
        yield Recorded(writer, first + start, times[start:end], payloads[start:end])
        start, behind = end, ends[end - 1]


def _tables(reading: Reading, runs: Iterable[tuple[str, int, list[tuple[Any, ...]]]]) -> dict[str, Table]:
    """Return by kind what runs of rows hold, each with its writer and the number of its first row."""
    rows_of: dict[tuple[str, int | str], list[tuple[Any, ...]]] = {}
    numbers_of: dict[tuple[str, int | str], list[int]] = {}
    writer_before, groups = "", dict[int | str, tuple[Any, Any]]()
    for writer, first, rows in runs:
        if writer != writer_before:
            writer_before, groups = writer, {}
        for number, row in enumerate(rows, first):
            name = row[0]
            group = groups.get(name)
            if group is None:
                place = writer, name
                group = rows_of.setdefault(place, []).append, numbers_of.setdefault(place, []).append
                groups[name] = group
            group[0](row)
            group[1](number)
    by_kind: dict[str, list[Table]] = {}
    for (writer, name), rows in rows_of.items():
        kind, table = _table(reading, writer, name, rows, numbers_of[writer, name])
        by_kind.setdefault(kind, []).append(table)
    return {kind: together(parts) for kind, parts in by_kind.items()}


def _table(
    reading: Reading, writer: str, name: int | str, rows: list[tuple[Any, ...]], numbers: list[int]
) -> tuple[str, Table]:
    """Return rows that begin with the same layout or kind as a table, and the kind."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    if type(name) is int:
        kind, version, names = layouts.known(reading, name)
        _, times, sources, paths, counts, *fields = columns
        own = [times, sources, paths, [version] * len(rows), counts, [writer] * len(rows), numbers]
        return kind, Table(names, own + fields)
    kinds, payloads, sources, paths, times, versions, ids, counts = columns
    writers = [writer] * len(rows)
    for place, own_id in enumerate(ids):
        if own_id:  # it was imported, by a version that put such events here
            writers[place], _, number = own_id.rpartition("-")
            numbers[place] = int(number)
    return kinds[0], of_payloads([times, sources, paths, versions, counts, writers, numbers], payloads)
