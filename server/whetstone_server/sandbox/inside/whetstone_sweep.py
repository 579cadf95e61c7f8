"""Odd values in every place, one after the other: what chance might leave out."""

from __future__ import annotations

import collections
import itertools
from typing import Any, Iterator

import whetstone_grow
from whetstone_placeholders import Deep

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
_MAKERS = {"list": list, "tuple*": tuple, "deque": collections.deque, "set": set, "frozenset": frozenset}


def values(shape: Any) -> Iterator[Any]:
    """Yield the odd values that fit a shape: atoms, and short collections of them with each odd one at either end."""
    kind = shape[0]
    if kind == "any":
        for part in shape[1]:
            yield from values(part)
    elif kind == "atom":
        yield from ODD.get(shape[1], ())
    elif kind in _MAKERS:
        for items in _short(shape[1]):
            yield _MAKERS[kind](items)


def _short(element: Any) -> Iterator[list[Any]]:
    if element[0] == "any":
        for part in element[1]:
            yield from _short(part)
    elif element[0] == "atom":
        usual = USUAL.get(element[1])
        for odd in ODD.get(element[1], ()):
            yield from ([odd], [odd, usual], [usual, odd], [odd, odd, usual])


def pairs(first: Any, second: Any) -> Iterator[tuple[Any, Any]]:
    """Yield values for two shapes of the same atom: each odd value beside those that might be taken for it."""
    atoms = [
        {part[1] for part in (shape[1] if shape[0] == "any" else (shape,)) if part[0] == "atom"}
        for shape in (first, second)
    ]
    for kind in sorted(atoms[0] & atoms[1], key=str):
        for odd in ODD.get(kind, ()):
            yield from itertools.product((odd,), whetstone_grow.relatives(odd))


def deep(shape: Any) -> Iterator[Any]:
    """Yield arguments that take a recursive function deeper than the interpreter allows."""
    for part in shape[1] if shape[0] == "any" else (shape,):
        if part[0] == "list":
            yield Deep(DEPTH)
        elif part[0] == "atom" and part[1] is int:
            yield DEPTH
