"""Odd values in every place, one after the other: what chance might leave out."""

from __future__ import annotations

import collections
import itertools
from typing import TYPE_CHECKING, Any, Iterator

import whetstone_grow
from whetstone_placeholders import Deep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

ODD: dict[type, tuple[Any, ...]] = {
    int: (*whetstone_grow.INTS, *whetstone_grow.HUGE),
    float: whetstone_grow.FLOATS,
    str: whetstone_grow.STRINGS,
    bytes: whetstone_grow.BYTES,
    bool: (False, True),
}
USUAL: dict[type, Any] = {int: 4, float: 4.5, str: "usual", bytes: b"usual", bool: True}
DEPTH = 3_000
"""Well above the usual recursion limit of 1,000 calls."""
_NONE = object()
_MAKERS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple*": tuple,
    "deque": collections.deque,
    "set": set,
    "frozenset": frozenset,
}


def values(shape: Any, more: Mapping[type, Sequence[Any]]) -> Iterator[Any]:
    """Yield the odd values that fit a shape: atoms, and short collections of them with each odd one at either end.

    `more` holds odd values of this code's own, by type: its constants and what lies beside them.
    """
    kind = shape[0]
    if kind == "any":
        for part in shape[1]:
            yield from values(part, more)
    elif kind == "atom":
        yield from _odd(shape[1], more)
    elif kind == "pool":
        yield from shape[1]
    elif kind in _MAKERS:
        for items in _short(shape[1], more):
            yield _MAKERS[kind](items)


def _odd(kind: type, more: Mapping[type, Sequence[Any]]) -> Iterator[Any]:
    """Yield this code's own odd values and the usual ones by turns."""
    for pair in itertools.zip_longest(more.get(kind, ()), ODD.get(kind, ()), fillvalue=_NONE):
        yield from (value for value in pair if value is not _NONE)


def lengths(shape: Any, wanted: Iterable[int], grower: whetstone_grow.Grower) -> Iterator[Any]:
    """Yield texts and collections of exactly the lengths that are wanted."""
    for part in shape[1] if shape[0] == "any" else (shape,):
        for length in wanted:
            if part[0] == "atom" and part[1] is str:
                yield ("long text, " * length)[:length]
            elif part[0] in _MAKERS:
                yield _MAKERS[part[0]](grower.items(part[1], length))
            elif part[0] == "dict":
                yield grower.value(part, length)


def _short(element: Any, more: Mapping[type, Sequence[Any]]) -> Iterator[list[Any]]:
    if element[0] == "any":
        for part in element[1]:
            yield from _short(part, more)
    elif element[0] == "atom":
        usual = USUAL.get(element[1])
        for odd in _odd(element[1], more):
            yield from ([odd], [odd, usual], [usual, odd], [odd, odd, usual])
    elif element[0] == "pool":
        for odd, other in zip(element[1], (*element[1][1:], element[1][0])):
            yield from ([odd], [odd, other], [other, odd], [odd, odd, other])


def pairs(first: Any, second: Any) -> Iterator[tuple[Any, Any]]:
    """Yield values for two shapes of the same atom: each odd value beside those that might be taken for it."""
    atoms = [
        {part[1] for part in (shape[1] if shape[0] == "any" else (shape,)) if part[0] == "atom"}
        for shape in (first, second)
    ]
    for kind in sorted(atoms[0] & atoms[1], key=str):
        for odd in ODD.get(kind, ()):
            yield from itertools.product((odd,), whetstone_grow.relatives(odd))
    pools = [
        [value for part in (shape[1] if shape[0] == "any" else (shape,)) if part[0] == "pool" for value in part[1]]
        for shape in (first, second)
    ]
    kinds = {type(value) for value in pools[1]}
    for value in pools[0]:
        if type(value) in kinds:
            yield from itertools.product((value,), whetstone_grow.relatives(value))


def deep(shape: Any) -> Iterator[Any]:
    """Yield arguments that take a recursive function deeper than the interpreter allows."""
    for part in shape[1] if shape[0] == "any" else (shape,):
        if part[0] == "list":
            yield Deep(DEPTH)
        elif part[0] == "atom" and part[1] is int:
            yield DEPTH
