"""Values that belong together, packed side by side: what is alike lies together, and compresses to little.

Whole numbers are kept as they are or as steps from one to the next, whichever is narrower, in the fewest bytes that
hold them all, first all lowest bytes, then all second ones (byte shuffle, as in Blosc). Texts are kept in one piece
behind their lengths, or as numbers into a table where few differ. Anything else is MessagePack.
"""

from __future__ import annotations

import itertools
import operator
from array import array
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

Packed = list[Any]
"""A column on its way into a block: its way of packing, then what that way needs."""

SAME, STEPS, NUMBERS, FLOATS, TEXTS, TABLE, MIXED = range(7)
"""The ways of packing; a number is never given to another one."""
_CODES = "bhiq"
"""Of arrays whose numbers take one, two, four and eight bytes."""
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


def pack(values: Sequence[Any], of: type | None = None) -> Packed:
    """Return a column in its most compact form; `of` says of which type all values are, where that is known."""
    first = values[0]
    same = first == values[-1] and values.count(first) == len(values)
    kinds = {of} if of else set(map(type, values))
    if len(kinds) == 1:
        kind = kinds.pop()
        if same and kind is not float and kind not in (dict, list):
            return [SAME, first]
        if kind is int:
            return _pack_numbers(values)
        if kind is float:
            return [FLOATS, _shuffled(array("d", values))]
        if kind is str:
            return _pack_texts(values)
    return [MIXED, _pack(values)]


def unpack(packed: Packed, count: int) -> Sequence[Any]:
    """Return the values of a column that holds `count` of them."""
    way = packed[0]
    if way == SAME:
        return [packed[1]] * count
    if way == STEPS:
        return list(itertools.accumulate(unshuffled(packed[2], packed[3]), initial=packed[1]))
    if way == NUMBERS:
        return unshuffled(packed[1], packed[2]).tolist()
    if way == FLOATS:
        return unshuffled("d", packed[1]).tolist()
    if way == TEXTS:
        return _unpack_texts(unpack(packed[1], count), packed[2])
    if way == TABLE:
        return list(map(packed[1].__getitem__, unpack(packed[2], count)))
    values: list[Any] = _unpack(packed[1])
    return values


def _pack_numbers(values: Sequence[int]) -> Packed:
    steps = list(map(operator.sub, islice(values, 1, None), values))
    for code in _CODES:  # to try is quicker than to look for the least and the most first
        if (fitting := _array(code, steps)) is not None:
            return [STEPS, values[0], code, _shuffled(fitting)]
        if (fitting := _array(code, values)) is not None:
            return [NUMBERS, code, _shuffled(fitting)]
    return [MIXED, _pack(values)]  # MessagePack's own unsigned 64 bits


def _array(code: str, values: Sequence[int]) -> array[Any] | None:
    """Return numbers in so many bytes each, if they fit."""
    try:
        return array(code, values)
    except OverflowError:
        return None


def _shuffled(values: array[Any]) -> bytes:
    plain, width = values.tobytes(), values.itemsize
    return plain if width == 1 else b"".join(plain[byte::width] for byte in range(width))


def unshuffled(code: str, shuffled: bytes) -> array[Any]:
    """Return the numbers of an array whose bytes lie by their place: all first ones, then all second ones."""
    values = array(code)
    width = values.itemsize
    if width == 1:
        values.frombytes(shuffled)
        return values
    count = len(shuffled) // width
    plain = bytearray(len(shuffled))
    for byte in range(width):
        plain[byte::width] = shuffled[byte * count : (byte + 1) * count]
    values.frombytes(plain)
    return values


def _pack_texts(values: Sequence[str]) -> Packed:
    table = list(dict.fromkeys(values))
    if len(table) * 4 <= len(values):
        places = {text: place for place, text in enumerate(table)}
        return [TABLE, table, pack(list(map(places.__getitem__, values)))]
    joined = "".join(values)
    return [TEXTS, pack(list(map(len, values))), joined]


def _unpack_texts(lengths: Sequence[int], joined: str) -> list[str]:
    ends = list(itertools.accumulate(lengths))
    return [joined[end - length : end] for end, length in zip(ends, lengths, strict=True)]
