"""The lines of a history: each names the hash of the one before, and a signed head says where the last one ends.

What is promised, as long as the key is not known to whoever changes files:

- A line that was altered, left out, put elsewhere or added is found, and so are lines cut off at the end, up to the
  last one that a head was signed for; what was added after that and before its head was signed was never reported done.
- What a crash leaves is never taken for that. Lines are signed one by one and reach the disk before the head does: a
  line after the head counts when its signature holds, as do those of all lines that were written together with it;
  what is no whole line there was never finished.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from whetstone_server.improvements.record import Record, decode
from whetstone_server.improvements.signature import parted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_server.improvements.signature import Key

VERSION = 1
KEY_LETTERS = 16
"""Of the public key, in each record: enough to tell keys apart."""


class Head(msgspec.Struct, frozen=True):
    """How far a history goes; kept, signed, beside the key."""

    history: str
    """Which workspace's it is."""
    records: int
    size: int
    """Of its file, in bytes, up to the end of the last record."""
    hash: str
    """Of the last line."""
    key: str
    """The public key, in hexadecimal."""
    version: int = VERSION
    """Of the records: a newer Whetstone raises it when an older one could not read them any more."""


class Chain(NamedTuple):
    """The records of a history that nobody has tampered with."""

    records: tuple[Record, ...]
    size: int
    hash: str


class Problem(NamedTuple):
    """Something about a history that no Whetstone has written."""

    record: int | None
    """The number that the record has, or would have; `None` for what is about the whole."""
    kind: str
    """`altered`, `missing`, `reordered`, `truncated`, `foreign` or `head`."""
    message: str


def origin(history: str) -> str:
    """Return what the first record of a workspace's history names as the hash of the line before."""
    return sha256(f"history of {history}".encode()).hexdigest()


def chain_in(content: bytes, head: Head, key: Key) -> Chain | None:
    """Return the records in `content`, or `None` when they are not what the head was signed for.

    The hashes lead from the head to every byte before it, so that no signature but those after it has to be checked.
    """
    if len(content) < head.size or content[: head.size].count(b"\n") != head.records:
        return None
    records: list[Record] = []
    last, size = origin(head.history), 0
    whole = Chain((), size, last)
    for line in _lines(content):
        known = size < head.size
        record = _record(line)
        fits = record is not None and record.number == len(records) + 1 and record.previous == last
        if record is None or not fits or not (known or key.opened(line)):
            if known or record is not None:
                return None
            break
        records.append(record)
        last, size = sha256(line).hexdigest(), size + len(line) + 1
        if size == head.size and last != head.hash:
            return None
        if record.number == record.until and size >= head.size:
            whole = Chain(tuple(records), size, last)
    return whole


def problems_in(content: bytes, head: Head, key: Key) -> list[Problem]:
    """Return all that is wrong with the records in `content`, each by its number."""
    found: list[Problem] = []
    numbers: list[int] = []
    last, size, trusted = origin(head.history), 0, True
    for place, line in enumerate(_lines(content), 1):
        record, expected = _record(line), (numbers[-1] + 1 if numbers else 1)
        if record is None and size >= head.size and place > head.records:
            break  # what a crash left of a record that was never finished
        signed = record is not None and key.opened(line) is not None
        number = record.number if record and (signed or record.number == place) else expected
        if not signed:
            found.append(_unsigned(number, record, key))
        elif record and trusted and number == expected and record.previous != last:
            found.append(Problem(number, "altered", f"record {number} does not follow the one before it"))
        numbers.append(number)
        last, size, trusted = sha256(line).hexdigest(), size + len(line) + 1, signed
    found += _gaps(numbers, head.records)
    if not found and chain_in(content, head, key) is None:
        found.append(Problem(head.records, "altered", f"record {head.records} is not the one that was signed last"))
    return sorted(dict.fromkeys(found), key=lambda problem: problem.record or 0)


def _unsigned(number: int, record: Record | None, key: Key) -> Problem:
    """Return what to say of a line that our key has not signed as it stands."""
    if record is not None and record.key != key.public[:KEY_LETTERS]:
        return Problem(number, "foreign", f"record {number} was signed with another key")
    return Problem(number, "altered", f"record {number} was altered")


def _gaps(numbers: list[int], signed: int) -> Iterator[Problem]:
    """Yield what is wrong with the order of records, each of which says its number."""
    there = set(numbers)
    end = max(there, default=0)
    for number in range(1, end):
        if number not in there:
            yield Problem(number, "missing", f"record {number} is missing")
    for number in range(end + 1, signed + 1):
        yield Problem(number, "truncated", f"record {number} is missing: the history was cut off after record {end}")
    highest = 0
    for number in numbers:
        if number <= highest:
            yield Problem(number, "reordered", f"record {number} stands after record {highest}")
        highest = max(highest, number)


def _lines(content: bytes) -> Iterator[bytes]:
    """Yield the lines that have an end, without it."""
    start = 0
    while (end := content.find(b"\n", start)) >= 0:
        yield content[start:end]
        start = end + 1


def _record(line: bytes) -> Record | None:
    """Return the record on a line, without asking whether its signature holds; `None` when there is none."""
    try:
        return decode(parted(line)[0])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
