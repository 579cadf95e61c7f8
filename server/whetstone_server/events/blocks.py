"""Blocks: many events of one kind, oldest first, packed by columns and compressed.

A block is one byte that names the codec, two for how many events it holds, and a zstd frame of the MessagePack list
`[columns, shapes, shape of each row, fields]`. Events of one kind mostly have the same fields; each set of fields that
occurs is a shape, and a field's column holds the rows whose shape has it.
"""

from __future__ import annotations

import struct
from threading import local
from typing import TYPE_CHECKING, Any

import msgspec
import zstandard

from whetstone_server.events import columns
from whetstone_server.events.errors import StoreError
from whetstone_server.events.event import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CODEC = 1
LEVEL = 3
PAGE = 4_096
FILLED = PAGE - 16
"""What fits into a page of LMDB, whose header takes 16 bytes; one byte more would take a second."""
MOST = 2_048
"""The most events of a block: one of them alone is read no faster than all of their column."""
SPARE = PAGE // 16
"""Left free when it is guessed how many events fit: a second try costs as much as the first."""
FIRST_TRY = 1_024
"""Events put into a block before it is known how well they compress."""
_HEADER = struct.Struct("<BH")
_fitting: dict[str, int] = {}
"""How many events of each kind filled a block last: a guess that spares packing most blocks twice."""
_OWN = ("time", "source", "path", "version", "count")
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


class _Codecs(local):
    """zstd's working memory, made once for each thread."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True, write_checksum=True).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_codecs = _Codecs()


def sealed(events: Sequence[Event]) -> Iterator[tuple[Sequence[Event], bytes]]:
    """Yield events of one kind, in order of time, in blocks that fill their pages: the events, and the bytes."""
    kind = events[0].kind
    at, size = 0, _fitting.get(kind, FIRST_TRY)
    while at < len(events):
        part = events[at : at + size]
        block = encoded(part)
        if len(block) < FILLED * 3 // 4 and at + len(part) < len(events):  # the guess was far too low
            part = events[at : at + _fits(part, block)]
            block = encoded(part)
        while len(block) > FILLED and len(part) > 1:
            part = part[: max(1, len(part) * FILLED // len(block) - 1)]
            block = encoded(part)
        yield part, block
        at += len(part)
        size = _fits(part, block)
        if at < len(events):  # the last block of several is hardly filled, and says little about full ones
            _fitting[kind] = size


def _fits(part: Sequence[Event], block: bytes) -> int:
    """Return how many events like these should fill a block."""
    return min(MOST, max(64, len(part) * (FILLED - SPARE) // len(block)))


def encoded(events: Sequence[Event]) -> bytes:
    """Return events of one kind as one block."""
    ids = [event.id.rpartition("-") for event in events]
    data = [event.data for event in events]
    shapes: dict[tuple[str, ...], int] = {}
    rows = [shapes.setdefault(tuple(each), len(shapes)) for each in data]
    body = [
        [
            *(columns.pack([getattr(event, name) for event in events]) for name in _OWN),
            columns.pack([writer for writer, _, _ in ids]),
            columns.pack([int(number) for _, _, number in ids]),
        ],
        list(shapes),
        columns.pack(rows),
        [[name, columns.pack(values)] for name, values in _by_field(data, list(shapes))],
    ]
    return _HEADER.pack(CODEC, len(events)) + _codecs.compress(_pack(body))


def _by_field(data: Sequence[dict[str, Any]], shapes: Sequence[tuple[str, ...]]) -> list[tuple[str, Sequence[Any]]]:
    """Return each field with its values, from top to bottom."""
    if len(shapes) == 1:  # as nearly always: the columns are the rows turned on their side
        return list(zip(shapes[0], zip(*(each.values() for each in data), strict=True), strict=True))
    fields: dict[str, list[Any]] = {}
    for each in data:
        for name, value in each.items():
            fields.setdefault(name, []).append(value)
    return list(fields.items())


def count(block: bytes) -> int:
    """Return how many events a block holds."""
    return int(_HEADER.unpack_from(block)[1])


def content(block: bytes) -> bytes:
    """Return what a block holds before it is taken apart: a text that is not in it is in none of its events.

    Raises `StoreError` when the block is damaged, or of a codec that a newer version brought.
    """
    try:
        codec, _ = _HEADER.unpack_from(block)
        if codec != CODEC:
            raise StoreError("a newer Whetstone packed some of these events; update this one to read them")
        return _codecs.decompress(block[_HEADER.size :])
    except (struct.error, zstandard.ZstdError) as error:
        raise StoreError(
            "a block of events is damaged; `whetstone events verify` says which, and what to do"
        ) from error


class Block:
    """A block that takes apart only the columns it is asked for."""

    def __init__(self, kind: str, count: int, body: bytes) -> None:
        """`count` and `body` are what `count` and `content` return for a block."""
        self._kind, self.count = kind, count
        self._own, self._shapes, self._rows, self._fields = _unpack(body)

    def times(self) -> Sequence[int]:
        """Return the time of each event."""
        return columns.unpack(self._own[0], self.count)

    def events(self, start: int = 0, end: int | None = None) -> list[Event]:
        """Return the events from place `start` to before place `end`."""
        unpack, count = columns.unpack, self.count
        part = slice(start, end)
        times, sources, paths, versions, counts, writers, numbers = (unpack(own, count)[part] for own in self._own)
        return [
            Event(self._kind, data, source, path, time, version, f"{writer}-{number}", repeats)
            for data, source, path, time, version, writer, number, repeats in zip(
                self._data(part), sources, paths, times, versions, writers, numbers, counts, strict=True
            )
        ]

    def _data(self, part: slice) -> list[dict[str, Any]]:
        if len(self._shapes) == 1:  # every row has every field
            values = [columns.unpack(packed, self.count)[part] for _, packed in self._fields]
            names = self._shapes[0]
            if not names:
                return [{} for _ in range(*part.indices(self.count))]
            return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
        rows = columns.unpack(self._rows, self.count)
        left = {}
        for name, packed in self._fields:
            held = sum(name in self._shapes[row] for row in rows)
            left[name] = iter(columns.unpack(packed, held))
        return [{name: next(left[name]) for name in self._shapes[row]} for row in rows][part]
