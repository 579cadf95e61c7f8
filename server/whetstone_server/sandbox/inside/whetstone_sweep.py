"""Odd values in every place, one after the other: what chance might leave out."""

from __future__ import annotations

import collections
import contextlib
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
NOT_ITSELF = float("nan")
"""Not equal to itself, and so are objects whose equality asks what they hold: the same is then not the equal."""
_OBJECTS = ("built", "record", "named")
_NONE = object()
_MAKERS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple*": tuple,
    "deque": collections.deque,
    "set": set,
    "frozenset": frozenset,
}


def values(shape: Any, more: Mapping[type, Sequence[Any]], grower: whetstone_grow.Grower) -> Iterator[Any]:
    """Yield the odd values that fit a shape: atoms, objects with an odd one in each field, and short collections.

    `more` holds odd values of this code's own, by type: its constants and what lies beside them.
    """
    kind = shape[0]
    if kind == "any":
        for part in shape[1]:
            yield from values(part, more, grower)
    elif kind == "atom":
        yield from _odd(shape[1], more)
    elif kind == "pool":
        yield from shape[1]
    elif kind in _OBJECTS:
        yield from _objects(shape, more, grower)
    elif kind in _MAKERS:
        for items in _short(shape[1], more, grower):
            yield _MAKERS[kind](items)


def _objects(shape: Any, more: Mapping[type, Sequence[Any]], grower: whetstone_grow.Grower) -> Iterator[Any]:
    """Yield objects with each odd value in each field, one at a time, the fields by turns."""
    each = [[(name, odd) for odd in values(part, more, grower)] for name, part in _fields(shape)]
    for name, odd in filter(None, itertools.chain(*itertools.zip_longest(*each))):
        with contextlib.suppress(Exception):  # a constructor of somebody's class did not like its arguments
            yield grower.value(_with_field(shape, name, odd))


def _fields(shape: Any) -> list[tuple[Any, Any]]:
    """Return the name and shape of each field of an object; positions stand for the names of a named tuple's."""
    return list(enumerate(shape[-1]) if shape[0] == "named" else shape[2])


def _with_field(shape: Any, name: Any, value: Any) -> Any:
    """Return an object's shape with one field settled."""
    fields = [(each, ("pool", (value,)) if each == name else part) for each, part in _fields(shape)]
    if shape[0] == "named":
        return (*shape[:2], tuple(part for _, part in fields))
    return (*shape[:2], tuple(fields), *shape[3:])


def _odd(kind: type, more: Mapping[type, Sequence[Any]]) -> Iterator[Any]:
    """Yield this code's own odd values and the usual ones by turns."""
    for pair in itertools.zip_longest(more.get(kind, ()), ODD.get(kind, ()), fillvalue=_NONE):
        yield from (value for value in pair if value is not _NONE)


def lengths(shape: Any, wanted: Iterable[int], grower: whetstone_grow.Grower) -> Iterator[Any]:
    """Yield texts and collections of exactly the lengths that are wanted."""
    for part in _parts(shape):
        for length in wanted:
            if part[0] == "atom" and part[1] is str:
                yield ("long text, " * length)[:length]
            elif part[0] in _MAKERS:
                yield _MAKERS[part[0]](grower.items(part[1], length))
            elif part[0] == "dict":
                yield grower.value(part, length)


def _short(element: Any, more: Mapping[type, Sequence[Any]], grower: whetstone_grow.Grower) -> Iterator[list[Any]]:
    if element[0] == "any":
        for part in element[1]:
            yield from _short(part, more, grower)
    elif element[0] in _OBJECTS:
        for odd in _objects(element, more, grower):
            yield from ([odd], [odd, odd])
    elif element[0] == "atom":
        usual = USUAL.get(element[1])
        for odd in _odd(element[1], more):
            yield from ([odd], [odd, usual], [usual, odd], [odd, odd, usual])
    elif element[0] == "pool":
        for odd, other in zip(element[1], (*element[1][1:], element[1][0])):
            yield from ([odd], [odd, other], [other, odd], [odd, odd, other])


def pairs(first: Any, second: Any) -> Iterator[tuple[Any, Any]]:
    """Yield values for two shapes of the same atom: each odd value beside those that might be taken for it."""
    atoms = [{part[1] for part in _parts(shape) if part[0] == "atom"} for shape in (first, second)]
    for kind in sorted(atoms[0] & atoms[1], key=str):
        for odd in ODD.get(kind, ()):
            yield from itertools.product((odd,), whetstone_grow.relatives(odd))
    pools = [[value for part in _parts(shape) if part[0] == "pool" for value in part[1]] for shape in (first, second)]
    kinds = {type(value) for value in pools[1]}
    for value in pools[0]:
        if type(value) in kinds:
            yield from itertools.product((value,), whetstone_grow.relatives(value))


def shared(source: Any, target: Any, grower: whetstone_grow.Grower) -> Iterator[Any]:
    """Yield short collections of `source`'s shape, the first item of which can be passed as `target` as well.

    Code that asks for identity before equality, as `in` does, finds there what code that only compares does not.
    """
    for collection in _parts(source):
        if collection[0] not in ("list", "tuple*"):
            continue
        wanted = {part[:2] for part in _parts(target) if part[0] in ("atom", *_OBJECTS)}
        for element in _parts(collection[1]):
            if element[:2] not in wanted:
                continue
            for value in _unlike_themselves(element, grower):
                yield _MAKERS[collection[0]]([value])
                with contextlib.suppress(Exception):  # a constructor of somebody's class did not like its arguments
                    yield _MAKERS[collection[0]]([value, *grower.items(element, 2)])


def _unlike_themselves(shape: Any, grower: whetstone_grow.Grower) -> Iterator[Any]:
    """Yield values that may be unequal to themselves: not a number, and objects that hold that in some field."""
    if shape[:2] == ("atom", float):
        yield NOT_ITSELF
    elif shape[0] in _OBJECTS:
        for name, part in _fields(shape):
            odd = [value for field in _parts(part) for value in _unlike_themselves(field, grower)]
            with contextlib.suppress(Exception):  # a constructor of somebody's class did not like its arguments
                yield from (grower.value(_with_field(shape, name, value)) for value in odd)


def _parts(shape: Any) -> Sequence[Any]:
    """Return the shapes of which a value has one."""
    return shape[1] if shape[0] == "any" else (shape,)


def deep(shape: Any) -> Iterator[Any]:
    """Yield arguments that take a recursive function deeper than the interpreter allows."""
    for part in _parts(shape):
        if part[0] == "list":
            yield Deep(DEPTH)
        elif part[0] == "atom" and part[1] is int:
            yield DEPTH
