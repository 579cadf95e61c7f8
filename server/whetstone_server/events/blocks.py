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
FILLED = 2 * PAGE - 16
"""What fits into two pages of LMDB, whose header takes 16 bytes of the first; one byte more would take a third."""
MOST = 4_096
"""The most events of a block: one of them alone is read no faster than all of their column."""
FIRST_TRY = 1_024
"""Events put into a block before it is known how well they compress."""
_HEADER = struct.Struct("<BH")
_OWN = ("time", "source", "path", "version", "count")
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


class _Codecs(local):
    """zstd's working memory, made once for each thread."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_codecs = _Codecs()


def sealed(events: Sequence[Event]) -> Iterator[tuple[Sequence[Event], bytes]]:
    """Yield events of one kind, in order of time, in blocks that fill their pages: the events, and the bytes."""
    at, size = 0, FIRST_TRY
    while at < len(events):
        part = events[at : at + size]
        block = encoded(part)
        while len(block) > FILLED and len(part) > 1:
            part = part[: max(1, len(part) * FILLED // len(block) - 1)]
            block = encoded(part)
        yield part, block
        at += len(part)
        size = min(MOST, max(64, len(part) * FILLED // len(block)))


def encoded(events: Sequence[Event]) -> bytes:
    """Return events of one kind as one block."""
    writers, numbers = zip(*(event.id.rpartition("-")[::2] for event in events), strict=True)
    shapes: dict[tuple[str, ...], int] = {}
    rows = [shapes.setdefault(tuple(event.data), len(shapes)) for event in events]
    own = [columns.pack([getattr(event, name) for event in events]) for name in _OWN]
    fields: dict[str, list[Any]] = {}
    for event in events:
        for name, value in event.data.items():
            fields.setdefault(name, []).append(value)
    packed = [[name, columns.pack(values)] for name, values in fields.items()]
    body = [
        [*own, columns.pack(writers), columns.pack(list(map(int, numbers)))],
        list(shapes),
        columns.pack(rows),
        packed,
    ]
    return _HEADER.pack(CODEC, len(events)) + _codecs.compress(_pack(body))


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
