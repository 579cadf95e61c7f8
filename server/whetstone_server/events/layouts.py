"""Layouts: how events of the known kinds are written without the names of their fields.

An event that has all fields of its kind in their order is recorded as the MessagePack list `[layout, time, source,
path, count, values …]`, any other one as the list of what an `Event` holds, names and all. A layout's number is the
CRC-32 of what it stands for. What it stands for is in the database before the first event is recorded that way, so
that older and newer versions read it as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_type_hints
from zlib import crc32

import msgspec

from whetstone_server.events.errors import StoreError
from whetstone_server.events.event import Event, encode
from whetstone_server.events.kinds import KINDS, LAST_TIME, complaint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.events.database import Database, Reading, Writing

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode
_convert = msgspec.convert


class Layout(NamedTuple):
    """What the number at the start of a recorded event stands for."""

    kind: str
    version: int
    names: tuple[str, ...]

    @property
    def number(self) -> int:
        """It is the same wherever the layout is."""
        return crc32(_pack(self))


_OURS = {kind: Layout(kind, payload.version, payload.__struct_fields__) for kind, payload in KINDS.items()}
_KNOWN = {layout.number: layout for layout in _OURS.values()}


def _checked(layout: Layout) -> type[msgspec.Struct]:
    """Return what a row of this layout must be, for all of it to be checked in a single call."""
    fields = get_type_hints(KINDS[layout.kind], include_extras=True)
    own: list[tuple[str, Any]] = [
        ("_layout", int),
        ("_time", Annotated[int, msgspec.Meta(ge=0, lt=LAST_TIME)]),
        ("_source", str),
        ("_path", str | None),
        ("_count", Annotated[int, msgspec.Meta(gt=0)]),
    ]
    fields_of_kind = [(name, fields[name]) for name in layout.names]
    return msgspec.defstruct("Row", own + fields_of_kind, array_like=True, forbid_unknown_fields=True)


_SHORT = {kind: (layout.version, layout.names, layout.number, _checked(layout)) for kind, layout in _OURS.items()}


def encoded(event: Event) -> bytes | None:
    """Return the bytes that an event is recorded as, without its id, or `None` when it cannot be kept.

    Raises an error of any sort when a field is not what its kind's is, or MessagePack cannot hold it.
    """
    data = event.data
    short = _SHORT.get(event.kind)
    if short is not None:
        version, names, number, checked = short
        if event.version == version and tuple(data) == names:
            row = [number, event.time, event.source, event.path, event.count, *data.values()]
            _convert(row, checked)
            return _pack(row)
    if complaint(event) is not None:
        return None
    return encode(msgspec.structs.replace(event, id="") if event.id else event)


def event(reading: Reading, row: Sequence[Any], writer: str, number: int) -> Event:
    """Return the event that was recorded as `row`, with the id that its record gives it."""
    if type(row[0]) is str:
        kind, data, source, path, time, version, name, count = row
        return Event(kind, data, source, path, time, version, name or f"{writer}-{number}", count)
    layout = known(reading, row[0])
    _, time, source, path, count, *values = row
    data = dict(zip(layout.names, values, strict=True))
    return Event(layout.kind, data, source, path, time, layout.version, f"{writer}-{number}", count)


def known(reading: Reading, number: int) -> Layout:
    """Return what a number stands for. Raises `StoreError` when nothing says so."""
    layout = _KNOWN.get(number)
    if layout is None:
        found = reading.get(b"meta", _key(number))
        if found is None:
            raise StoreError(f"an event has the layout {number}, which the store does not know; restore a backup")
        kind, version, names = _unpack(found)
        layout = _KNOWN[number] = Layout(kind, version, tuple(names))
    return layout


def ours() -> list[Layout]:
    """Return the layouts of this version, one for each kind."""
    return list(_OURS.values())


def make_known(database: Database) -> None:
    """Let a store know all layouts of this version, before anything is recorded in one of them."""
    with database.reading() as state:
        new = [layout for layout in ours() if state.get(b"meta", _key(layout.number)) is None]
    if new:
        database.write(lambda writing: put(writing, *new))


def put(writing: Writing, *layouts: Layout) -> None:
    """Let a store know layouts."""
    for layout in layouts:
        writing.put(b"meta", _key(layout.number), _pack(layout))


def _key(number: int) -> bytes:
    return b"layout:" + number.to_bytes(4)
