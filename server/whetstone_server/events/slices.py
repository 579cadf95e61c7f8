"""Parts of packed columns: some rows of one, and the rows that hold a value or a text, without unpacking the others."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, compress, pairwise
from typing import TYPE_CHECKING, Any

from whetstone_server.events.columns import (
    FLOATS,
    MIXED,
    NUMBERS,
    SAME,
    STEPS,
    TABLE,
    TEXTS,
    unpack,
    unshuffled,
)

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from whetstone_server.events.columns import Packed

_STRIDE = 64
"""Steps that are added up at once on the way to a number."""


def between(packed: Packed, count: int, start: int, end: int) -> Sequence[Any]:
    """Return the values from place `start` to before place `end` of a column that holds `count` of them."""
    way = packed[0]
    if way == SAME:
        return [packed[1]] * (end - start)
    if way == STEPS:
        steps = unshuffled(packed[2], packed[3])
        return list(accumulate(steps[start : end - 1], initial=packed[1] + sum(steps[:start])))
    if way == NUMBERS:
        return unshuffled(packed[1], packed[2])[start:end].tolist()
    if way == FLOATS:
        return unshuffled("d", packed[1])[start:end].tolist()
    if way == TEXTS:
        lengths, joined = unpack(packed[1], count), packed[2]
        ends = accumulate(lengths[start:end], initial=sum(lengths[:start]))
        return [joined[at:to] for at, to in pairwise(ends)]
    if way == TABLE:
        return list(map(packed[1].__getitem__, between(packed[2], count, start, end)))
    return unpack(packed, count)[start:end]


def span(packed: Packed, count: int, low: int, high: int) -> tuple[int, int]:
    """Return the places of the first number from `low` on, and of the first from `high` on, where numbers rise."""
    if packed[0] != STEPS:
        numbers = unpack(packed, count)
        return bisect_left(numbers, low), bisect_left(numbers, high)
    steps = unshuffled(packed[2], packed[3])
    place, number = _before(steps, 0, packed[1], low)
    start = place + bisect_left(_from(steps, place, number), low)
    place, number = _before(steps, place, number, high)
    return start, place + bisect_left(_from(steps, place, number), high)


def equal(packed: Packed, count: int, value: str) -> Sequence[int]:
    """Return the places where a column holds just this value."""
    way = packed[0]
    if way == SAME:
        return range(count if packed[1] == value else 0)
    if way == TABLE:
        if value not in packed[1]:
            return ()
        value, packed = packed[1].index(value), packed[2]
    return [place for place, each in enumerate(unpack(packed, count)) if each == value]


def holding(packed: Packed, count: int, text: str) -> Sequence[int]:
    """Return the places where a value holds a text: as a part of it, or deep inside a list or an object."""
    way = packed[0]
    if way == SAME:
        return range(count if holds(packed[1], text) else 0)
    if way == TEXTS:
        return _within(unpack(packed[1], count), packed[2], text)
    if way == TABLE:
        chosen = [text in each for each in packed[1]]
        return _chosen(unpack(packed[2], count), chosen) if any(chosen) else ()
    if way == MIXED and text.encode() in packed[1]:  # MessagePack holds texts as they are
        return [place for place, each in enumerate(unpack(packed, count)) if holds(each, text)]
    return ()


def holds(value: Any, text: str) -> bool:
    """Whether a text is a part of a value, or of what is inside it."""
    if type(value) is str:
        return text in value
    if type(value) is list:
        return any(holds(item, text) for item in value)
    if type(value) is dict:
        return any(text in key or holds(item, text) for key, item in value.items())
    return False


def _before(steps: array[int], place: int, number: int, value: int) -> tuple[int, int]:
    """Go on from a place and its number by whole strides while what lies there is below `value`."""
    while place + _STRIDE <= len(steps):
        following = number + sum(steps[place : place + _STRIDE])
        if following >= value:
            break
        place, number = place + _STRIDE, following
    return place, number


def _from(steps: array[int], place: int, number: int) -> list[int]:
    """Return the numbers of one stride."""
    return list(accumulate(steps[place : place + _STRIDE], initial=number))


def _within(lengths: Sequence[int], joined: str, text: str) -> Sequence[int]:
    """Return the places of the texts that hold another one, which may also lie across two of them."""
    if not text:
        return range(len(lengths))
    at = joined.find(text)
    if at < 0:
        return ()
    found: list[int] = []
    ends = list(accumulate(lengths))
    while at >= 0:
        place = bisect_right(ends, at)
        if at + len(text) <= ends[place]:
            found.append(place)
            at = joined.find(text, ends[place])
        else:
            at = joined.find(text, at + 1)
    return found


def _chosen(places: Sequence[int], chosen: Sequence[bool]) -> list[int]:
    return list(compress(range(len(places)), map(chosen.__getitem__, places)))
