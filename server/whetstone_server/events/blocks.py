"""Blocks: many events of one kind, oldest first, packed by columns and compressed.

A block is one byte that names the codec, two for how many events it holds, one for the number of the dictionary, and a
zstd frame of the MessagePack list `[columns, shapes, shape of each row, fields]`. Events of one kind mostly have the
same fields; each set of fields that occurs is a shape, and a field's column holds the rows whose shape has it.
The first codec knew no dictionary, and has no byte for it.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from functools import cached_property
from itertools import compress, repeat
from threading import local
from typing import TYPE_CHECKING, Any

import msgspec
import zstandard

from whetstone_server.events import columns, dictionary, slices
from whetstone_server.events.errors import StoreError
from whetstone_server.events.event import Event
from whetstone_server.events.kinds import KINDS
from whetstone_server.events.table import OWN, Table, of_events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

PLAIN, WITH_DICTIONARY = 1, 2
"""Codecs."""
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
_SOURCE, _PATH, _COUNT = 1, 2, 4
_TYPES = (int, str, None, int, int, str, int)
"""Of what is in the columns that each kind has."""
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


class _Codecs(local):
    """zstd's working memory, made once for each thread."""

    def __init__(self) -> None:
        self._decompress: dict[int | None, Callable[[bytes], bytes]] = {}

    @cached_property
    def compress(self) -> Callable[[bytes], bytes]:
        """What compresses with the newest dictionary."""
        return dictionary.compressor(dictionary.content(dictionary.NEWEST), LEVEL).compress

    def decompress(self, number: int | None) -> Callable[[bytes], bytes]:
        """Return what undoes a compression with a dictionary, or with none."""
        known = self._decompress.get(number)
        if known is None:
            shared = None if number is None else dictionary.content(number)
            known = self._decompress[number] = dictionary.decompressor(shared).decompress
        return known


_codecs = _Codecs()


def sealed(kind: str, rows: Table) -> Iterator[tuple[Table, bytes]]:
    """Yield rows of one kind, in order of time, in blocks that fill their pages: the rows, and the bytes."""
    at, size = 0, _fitting.get(kind, FIRST_TRY)
    while at < rows.length:
        part = rows.part(at, at + size)
        block = encoded(part)
        if len(block) < FILLED * 3 // 4 and at + part.length < rows.length:  # the guess was far too low
            part = rows.part(at, at + _fits(part, block))
            block = encoded(part)
        while len(block) > FILLED and part.length > 1:
            part = part.part(0, max(1, part.length * FILLED // len(block) - 1))
            block = encoded(part)
        yield part, block
        at += part.length
        size = _fits(part, block)
        if at < rows.length:  # the last block of several is hardly filled, and says little about full ones
            _fitting[kind] = size


def is_full(block: bytes) -> bool:
    """Whether more events would hardly fit into a block."""
    return len(block) >= FILLED * 3 // 4 or count(block) >= MOST


def _fits(part: Table, block: bytes) -> int:
    """Return how many events like these should fill a block."""
    return min(MOST, max(64, part.length * (FILLED - SPARE) // len(block)))


def encoded(rows: Table) -> bytes:
    """Return events of one kind as one block."""
    head = _HEADER.pack(WITH_DICTIONARY, rows.length) + bytes((dictionary.NEWEST,))
    return head + _codecs.compress(body(rows))


def body(rows: Table) -> bytes:
    """Return what a block holds before it is compressed."""
    fields: Iterable[tuple[str, Sequence[Any]]]
    if rows.names is not None:  # as nearly always
        shapes, shape_of_row = [rows.names], [0] * rows.length
        fields = zip(rows.names, rows.fields, strict=True)
    else:
        payloads = rows.payloads()
        places: dict[tuple[str, ...], int] = {}
        shape_of_row = [places.setdefault(tuple(each), len(places)) for each in payloads]
        shapes, fields = list(places), _by_field(payloads)
    packed = [
        list(map(columns.pack, rows.columns[:OWN], _TYPES)),
        shapes,
        columns.pack(shape_of_row),
        [[name, columns.pack(values)] for name, values in fields],
    ]
    return _pack(packed)


def _by_field(payloads: Sequence[dict[str, Any]]) -> Iterable[tuple[str, Sequence[Any]]]:
    """Return each field with its values, from top to bottom."""
    fields: dict[str, list[Any]] = {}
    for payload in payloads:
        for name, value in payload.items():
            fields.setdefault(name, []).append(value)
    return fields.items()


def table(kind: str, block: bytes) -> Table:
    """Return the rows of a block. Raises `StoreError` when it is damaged."""
    number, unpacked = count(block), content(block)
    own, shapes, _, fields = _unpack(unpacked)
    if len(shapes) > 1:
        return of_events(Block(kind, number, unpacked).events())
    packed = [*own, *(column for _, column in fields)]
    return Table(tuple(shapes[0]), [columns.unpack(column, number) for column in packed])


def count(block: bytes) -> int:
    """Return how many events a block holds."""
    return int(_HEADER.unpack_from(block)[1])


def content(block: bytes) -> bytes:
    """Return what a block holds before it is taken apart: a text that is not in it is in none of its events.

    Raises `StoreError` when the block is damaged, or of a codec that a newer version brought.
    """
    try:
        codec, _ = _HEADER.unpack_from(block)
        if codec == WITH_DICTIONARY:
            return _codecs.decompress(block[_HEADER.size])(block[_HEADER.size + 1 :])
        if codec == PLAIN:
            return _codecs.decompress(None)(block[_HEADER.size :])
    except (struct.error, IndexError, zstandard.ZstdError) as error:
        raise StoreError(
            "a block of events is damaged; `whetstone events verify` says which, and what to do"
        ) from error
    raise StoreError("a newer Whetstone packed some of these events; update this one to read them")


class Block:
    """A block that takes apart only the columns and the rows it is asked for."""

    def __init__(self, kind: str, count: int, body: bytes) -> None:
        """`count` and `body` are what `count` and `content` return for a block."""
        self._kind, self.count = kind, count
        self._own, self._shapes, self._rows, self._fields = _unpack(body)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place of the first event from a time on, and that of the first from another time on."""
        return slices.span(self._own[0], self.count, start, end)

    def repeats(self) -> int:
        """Return for how many more events those of the block stand."""
        return int(sum(columns.unpack(self._own[_COUNT], self.count))) - self.count

    def holding(self, text: str) -> Sequence[int]:
        """Return the places of the events that hold a text in kind, source, path or payload, in order."""
        if text in self._kind:
            return range(self.count)
        found = [slices.holding(self._own[own], self.count, text) for own in (_SOURCE, _PATH)]
        if self.count in map(len, found):
            return range(self.count)
        for name, packed in self._fields:
            places = self._places(name)
            held = slices.holding(packed, len(places), text)
            found.append(held if len(places) == self.count else [places[each] for each in held])
        found = [places for places in found if places]
        if len(found) == 1:
            return found[0]
        return sorted(set().union(*found))

    def of_source(self, source: str) -> Sequence[int]:
        """Return the places of the events that one part saw, in order."""
        return slices.equal(self._own[_SOURCE], self.count, source)

    def of_path(self, path: str) -> Sequence[int]:
        """Return the places of the events about one file, in order."""
        return slices.equal(self._own[_PATH], self.count, path)

    def events_at(self, places: Sequence[int]) -> list[Event]:
        """Return the events at some places, which are in order."""
        if not places:
            return []
        first, last = places[0], places[-1]
        if len(places) == last + 1 - first:
            return self.events(first, last + 1)
        wanted = bytearray(last + 1 - first)
        for place in places:
            wanted[place - first] = 1
        return self._built(first, last + 1, lambda values: compress(values, wanted))

    def events(self, start: int = 0, end: int | None = None) -> list[Event]:
        """Return the events from place `start` to before place `end`."""
        end = self.count if end is None else min(end, self.count)
        return self._built(start, end, iter) if start < end else []

    def _built(self, start: int, end: int, picked: Callable[[Sequence[Any]], Iterable[Any]]) -> list[Event]:
        """Return those events between two places that `picked` picks out of any column."""
        own = (slices.between(packed, self.count, start, end) for packed in self._own)
        times, sources, paths, versions, counts, writers, numbers = map(picked, own)
        ids = [f"{writer}-{number}" for writer, number in zip(writers, numbers, strict=True)]
        data = self._data(start, end, picked)
        return list(map(Event, repeat(self._kind), data, sources, paths, times, versions, ids, counts))

    def _data(self, start: int, end: int, picked: Callable[[Sequence[Any]], Iterable[Any]]) -> Iterable[dict[str, Any]]:
        if len(self._shapes) == 1 and self._fields:  # as nearly always: every row has every field
            values = [picked(slices.between(packed, self.count, start, end)) for _, packed in self._fields]
            return _rows(self._kind, tuple(self._shapes[0]), values)
        rows = columns.unpack(self._rows, self.count)
        left = {}
        for name, packed in self._fields:
            places = self._places(name)
            first, last = bisect_left(places, start), bisect_left(places, end)
            left[name] = iter(slices.between(packed, len(places), first, last))
        return picked([{name: next(left[name]) for name in self._shapes[row]} for row in rows[start:end]])

    def _places(self, field: str) -> Sequence[int]:
        """Return the places of the events that have a field."""
        if len(self._shapes) == 1:
            return range(self.count)
        having = [field in shape for shape in self._shapes]
        return [place for place, row in enumerate(columns.unpack(self._rows, self.count)) if having[row]]


def _rows(kind: str, names: tuple[str, ...], values: Sequence[Iterable[Any]]) -> Iterable[dict[str, Any]]:
    """Return a payload for each row of some columns."""
    known = KINDS.get(kind)
    if known is not None and known.__struct_fields__ == names:  # three times as quick
        return map(msgspec.structs.asdict, map(known, *values))
    return (dict(zip(names, row, strict=True)) for row in zip(*values, strict=True))
