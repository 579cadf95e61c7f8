"""Export and import: one JSON object a line, the same that `whetstone events list` shows, in whole or for some time."""

from __future__ import annotations

import io
import json
import math
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
import zstandard

from whetstone_server.events.errors import StoreError
from whetstone_server.events.event import Event, encode
from whetstone_server.events.kinds import complaint, may_repeat
from whetstone_server.events.sealing import REPEATED_WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from whetstone_server.events.store import EventStore

AT_ONCE = 8_192
"""Events of one change; an import that is interrupted has added whole changes, and adds the rest when run again."""
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_encode = msgspec.json.Encoder().encode
_encode_any = json.JSONEncoder(separators=(",", ":")).encode
"""Slower, but it knows infinity, and escapes what is not ASCII."""


def as_json(event: Event) -> dict[str, Any]:
    """Return an event as commands show it and as it is exported."""
    return {
        "id": event.id,
        "time": moment(event.time),
        "type": event.kind,
        "action": event.action,
        "source": event.source,
        "path": event.path,
        "version": event.version,
        "count": event.count,
        "data": event.data,
    }


def moment(time: int) -> str:
    """Return microseconds since 1970 as RFC 3339, in UTC."""
    second, rest = divmod(time, 1_000_000)
    return f"{_second(second)}.{rest:06}Z"


@lru_cache(maxsize=8)
def _second(second: int) -> str:
    return (_EPOCH + timedelta(seconds=second)).isoformat()[:19]


def microseconds(text: str) -> int:
    """Return an RFC 3339 time as microseconds since 1970. Raises ValueError when it is none."""
    return _since_1970(datetime.fromisoformat(text))


def _since_1970(when: datetime) -> int:
    return ((when if when.tzinfo else when.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def lines(events: Iterable[Event]) -> Iterator[str]:
    """Yield a line for each event, in ASCII."""
    for event in events:
        row = as_json(event)
        line = _encode(row)
        if not line.isascii() or (b"null" in line and not _is_finite(event.data)):  # what it has no words for
            yield _encode_any(row) + "\n"
        else:
            yield line.decode("ascii") + "\n"


def _is_finite(value: Any) -> bool:
    """Whether a value holds neither an infinite number nor one that is none."""
    if type(value) is float:
        return math.isfinite(value)
    if type(value) is dict:
        return all(map(_is_finite, value.values()))
    return type(value) is not list or all(map(_is_finite, value))


def write(path: Path, events: Iterable[Event]) -> None:
    """Write events into a file, whole or not at all, packed with zstd where its name ends in `.zst`.

    Raises `StoreError` when it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with draft.open("wb") as file:
            if path.suffix == ".zst":
                with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packing:
                    for line in lines(events):
                        packing.write(line.encode())
            else:
                file.writelines(map(str.encode, lines(events)))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror})") from error
    finally:  # after Ctrl-C as well
        with suppress(OSError):
            draft.unlink()


def rows(path: Path) -> Iterator[bytes]:
    """Yield the lines of an exported file, packed or not. Raises `StoreError` when it cannot be read."""
    try:
        with path.open("rb") as file:
            packed = file.read(4) == zstandard.FRAME_HEADER
            file.seek(0)
            plain = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) if packed else file
            yield from io.BufferedReader(plain) if packed else plain
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror})") from error
    except zstandard.ZstdError as error:
        raise StoreError(f"{path} is damaged ({error}); lines before that were read") from error


def read(rows: Iterable[str | bytes]) -> Iterator[Event]:
    """Yield the events of exported lines. Raises `StoreError` naming the line that is none."""
    for number, line in enumerate(rows, start=1):
        if line.strip():
            try:
                yield _event(line)
            except (ValueError, OverflowError, RecursionError) as error:
                raise StoreError(
                    f"line {number} is not an exported event ({error}); lines before it were read"
                ) from error


def add(store: EventStore, events: Iterable[Event], told: Callable[[int], None] = lambda _: None) -> tuple[int, int]:
    """Add events that are not there yet; return how many were added and how many were there.

    `told` is called with the number of events looked at so far. Raises `StoreError` when the disk does not take them;
    what was added until then stays.
    """
    stream, added, seen = iter(events), 0, 0
    before: list[Event] = []  # seen already: what is there may count some of these and not those that follow
    while chunk := list(islice(stream, AT_ONCE)):
        added += store.add(before + chunk)
        seen += len(chunk)
        told(seen)
        since = chunk[-1].time - REPEATED_WITHIN
        before = [event for event in before + chunk if event.time >= since and may_repeat(event.kind)]
    return added, seen - added


class _Row(msgspec.Struct, gc=False):
    """What is read of a line."""

    id: str
    time: datetime
    type: str
    data: dict[str, Any]
    source: str
    path: str | None = None
    version: int = 1
    count: int = 1


_decode = msgspec.json.Decoder(_Row).decode


def _event(line: str | bytes) -> Event:
    try:
        row = _decode(line)
    except msgspec.DecodeError:
        row = msgspec.convert(
            json.loads(line), _Row
        )  # it may hold numbers that are none, or the mistake is said better
    writer, _, number = row.id.rpartition("-")
    if not writer or not number.isdecimal():
        raise ValueError(f"{row.id!r} is not the id of an event")
    event = Event(row.type, row.data, row.source, row.path, _since_1970(row.time), row.version, row.id, row.count)
    if why := complaint(event):
        raise ValueError(why)
    encode(
        event
    )  # raises for what JSON can say and a store cannot hold: half a character, a number of a hundred digits
    return event
