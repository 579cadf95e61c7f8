"""New values of a shape: small and odd ones to find a difference, and long ones to see how cost grows."""

from __future__ import annotations

import collections
import string
import types
from typing import TYPE_CHECKING, Any

import whetstone_kinds
from whetstone_placeholders import OneByOne

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from whetstone_shapes import Shape

CROWD = {int: (-1, 0, 1, 2, 3), float: (0.0, -0.0, 1.0, 2.0, 1.5, float("nan")), str: ("", "a", "b", "ab")}
INTS = (0, 1, -1, 2, 3, 5, 7, 10, -3, 100, 255, 1000, 12345, 4, 8, 9, 64, 128, 256, 400, 65536, -180, -255)
HUGE = (2**53 + 1, 94906267**2 - 1, 10**25, -(2**63) - 1)
"""Whole numbers that a float cannot tell from their neighbours, or that a machine word does not hold."""
FLOATS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    0.1,
    0.2,
    0.3,
    2.5,
    1e-9,
    1e16,
    1e308,
    float("inf"),
    float("-inf"),
    float("nan"),
    3.0,
    1.5,
    -0.5,
    -2.5,
    0.49999999999999994,
    0.285,
    1e22,
    5e-324,
    4503599627370497.5,
)
STRINGS = (
    "",
    "a",
    "b",
    "A",
    "ab",
    "ba",
    " ",
    "  a ",
    "a,b",
    "a b",
    "0",
    "7",
    "-1",
    "1.5",
    "é",
    "É",
    "ß",
    "ı",
    "İ",
    "日本",
    "ẞ",
    "ſ",
    "K",
    "ς",
    "Σ",
    "²",
    "½",
    "٣",
    "ⅷ",
    "e\u0301",
    "a\r\nb",
    "a\u2028b",
    "a\nb",
    "\t",
    "x" * 40,
    "_",
    ".",
    "😀",
    "A\n",
    "7\n",
    "a\x0cb",
    "a\x0bb",
    "a\x1cb",
    "a\x85b",
    "a\u00a0b",
    "a\rb\n",
    "a\x00b",
    "&lt;",
    "<\n>",
    "a=b=c",
    "%s{}\\",
    "\ud800",
)
BYTES = (b"", b"a", b"ab", b"\x00", b"\xff\xfe", b" a ", b"\n")
SIZES = (0, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12)
LONGEST = 1_100
MOST_LENGTHS = 12


class Grower:
    """Makes values of a shape from one source of chance, so that a seed repeats them all."""

    def __init__(self, random: Random, constants: Iterable[Any] = (), largest: int | None = None) -> None:
        """`constants` are values that stand in the code: a branch on one of them must be hit."""
        self._random = random
        self._largest = largest
        self.crowded = False
        """Whether numbers and texts come from a few only, so that those in different places are often equal."""
        self.repeating = False
        """Whether long collections hold every value twice."""
        self._constants: dict[type, list[Any]] = {}
        for constant in constants:
            for near in _near(constant):
                self._constants.setdefault(type(near), []).append(near)

    def value(self, shape: Shape, size: int | None = None, depth: int = 0) -> Any:
        """Return a value of `shape`; `size` asks for that many items in the outermost collection, few of them equal."""
        kind = shape[0]
        if kind == "any":
            return self.value(self._random.choice(shape[1]), size, depth) if shape[1] else self._filler()
        if kind == "atom":
            return self._atom(shape[1], shape[2], size, depth)
        if kind == "pool":
            return self._random.choice(shape[1])
        if kind in ("tuple", "named"):
            return self._tuple(shape, size, depth)
        if kind == "record":
            return self._record(shape, size, depth)
        if kind == "built":
            return shape[1](**{name: self.value(part, size, depth + 1) for name, part in shape[2]})
        if kind == "dict":
            return self._dict(shape, size, depth)
        return self._collection(kind, shape[1], size, depth)

    def near_constants(self) -> dict[type, list[Any]]:
        """Return the constants of the code and their neighbours, by type, each once."""
        return {
            kind: list({repr(value): value for value in values}.values()) for kind, values in self._constants.items()
        }

    def lengths(self) -> list[int]:
        """Return lengths on and beside the constants of the code, for a function that asks how long something is."""
        wanted = {value for value in self._constants.get(int, ()) if SIZES[-1] < value <= LONGEST}
        fitting = [value for value in sorted(wanted) if self._largest is None or value <= self._largest]
        return fitting[:MOST_LENGTHS]

    def fits(self, value: Any) -> bool:
        """Whether a value is within the bound that was set: a number by itself, anything longer by its length too."""
        if self._largest is None:
            return True
        if isinstance(value, (str, bytes, list, tuple)) and len(value) > self._longest():
            return False
        numbers = value if isinstance(value, (list, tuple)) else (value,)
        return all(not isinstance(each, (int, float)) or not abs(each) > self._largest for each in numbers)

    def _longest(self) -> int:
        """Return how long a collection or a text may be, where a bound was set."""
        return 1 << 30 if self._largest is None else self._largest // 8 + 2

    # -- collections -------------------------------------------------------------------------------------------------

    def _collection(self, kind: str, element: Shape, size: int | None, depth: int) -> Any:
        items = self.items(element, size, depth)
        if kind == "list":
            return items
        if kind == "tuple*":
            return tuple(items)
        if kind == "deque":
            return collections.deque(items)
        if kind == "iterator":
            return iter(items)
        if kind == "generator":
            return OneByOne(items)
        return (set if kind == "set" else frozenset)(_hashable(items))

    def items(self, element: Shape, size: int | None = None, depth: int = 0) -> list[Any]:
        """Return a list of values of one shape, with repeats, in order, in reverse or all alike now and then."""
        if size is not None:
            return self._many(element, size, depth)
        count = self._random.choice(SIZES if depth < 2 else SIZES[:7])
        count = min(count, self._longest())
        items = [self.value(element, None, depth + 1) for _ in range(count)]
        way = self._random.randrange(8)
        if way == 0 and items:
            items = [items[0]] * count
        elif way in (1, 2) and items:
            items += self._random.choices(items, k=self._random.randrange(1, 4))
            self._random.shuffle(items)
        elif way in (3, 4):
            items = _sorted(items, reverse=way == 4)
        return items

    def _many(self, element: Shape, size: int, depth: int) -> list[Any]:
        """Return `size` values, most of them different, in no order."""
        if element[0] == "any" and element[1]:
            element = element[1][0]
        indexes = [index // 2 if self.repeating else index for index in range(size)]
        items = [self._distinct(element, index, size, depth) for index in indexes]
        self._random.shuffle(items)
        return items

    def _distinct(self, element: Shape, index: int, size: int, depth: int) -> Any:
        """Return a value of `element` that differs with `index`, where the shape has room for that."""
        kind = element[0]
        if kind == "atom" and element[1] is int:
            return index if not element[2] or self._random.random() < 0.8 else self._random.choice(element[2])
        if kind == "atom" and element[1] is float:
            return index + 0.25
        if kind == "atom" and element[1] is str:
            seed = self._random.choice(element[2]) if element[2] and self._random.random() < 0.8 else "key"
            return seed if self._random.random() < 0.2 else f"{seed}{index}"
        if kind == "record":
            fields = [(name, self._distinct(part, index, size, depth + 1)) for name, part in element[2]]
            return _as_record(element, dict(fields))
        if kind in ("tuple", "named"):
            parts = [self._distinct(part, index, size, depth + 1) for part in element[-1]]
            return element[1](*parts) if kind == "named" else tuple(parts)
        return self.value(element, None, depth + 2)

    def _tuple(self, shape: Shape, size: int | None, depth: int) -> Any:
        parts = [self.value(part, size, depth + 1) for part in shape[-1]]
        return shape[1](*parts) if shape[0] == "named" else tuple(parts)

    def _record(self, shape: Shape, size: int | None, depth: int) -> Any:
        return _as_record(shape, {name: self.value(part, size, depth + 1) for name, part in shape[2]})

    def _dict(self, shape: Shape, size: int | None, depth: int) -> Any:
        count = self._random.choice(SIZES) if size is None else size
        made = shape[1]()
        for index in range(count):
            key = (
                self.value(shape[2], None, depth + 1) if size is None else self._distinct(shape[2], index, count, depth)
            )
            if _is_hashable(key):
                made[key] = self.value(shape[3], None, depth + 1)
        return made

    # -- atoms -------------------------------------------------------------------------------------------------------

    def _atom(self, kind: type, seen: tuple[Any, ...], size: int | None, depth: int) -> Any:
        if size is not None and depth == 0:
            return self._long_atom(kind, seen, size)
        if self.crowded and kind in CROWD:
            return self._random.choice((*CROWD[kind], *seen[:2]))
        ready = [
            value
            for value in self._constants.get(kind, ())
            if kind is not int or self._largest is None or value <= self._largest
        ]
        way = self._random.random()
        if seen and way < 0.45:
            return self._random.choice(seen)
        if ready and way < 0.7:
            return self._random.choice(ready)
        return self._new_atom(kind, seen)

    def _new_atom(self, kind: type, seen: tuple[Any, ...]) -> Any:
        chance = self._random
        if kind is int:
            if self._largest is None and chance.random() < 0.05:
                return chance.choice(HUGE)
            whole = chance.choice(INTS) if chance.random() < 0.6 else chance.randrange(-20, 60)
            return whole if self._largest is None else whole % self._largest
        if kind is bool:
            return chance.random() < 0.5
        if kind is float:
            bound = 100 if self._largest is None else self._largest
            number = chance.choice(FLOATS) if chance.random() < 0.6 else round(chance.uniform(-bound, bound), 2)
            return number if self._largest is None or not bound < abs(number) < float("inf") else number % bound
        if kind is str:
            return self._string(seen)[: self._longest()]
        if kind is bytes:
            return chance.choice(BYTES)
        if kind is complex:
            return complex(chance.choice(FLOATS), chance.choice(FLOATS))
        return None

    def _string(self, seen: tuple[Any, ...]) -> str:
        chance = self._random
        way = chance.random()
        words: list[str] = [seed for seed in seen if type(seed) is str] + self._constants.get(str, [])
        if words and way < 0.5:
            first, second = chance.choice(words), chance.choice(words)
            cut = chance.randrange(len(first) + 1)
            return chance.choice(
                (first[:cut] + second, first[cut:], first + second, first.upper(), first[::-1], " " + first)
            )
        if way < 0.8:
            return chance.choice(STRINGS)
        return "".join(
            chance.choice(string.ascii_letters + string.digits + " ,.-\n") for _ in range(chance.randrange(12))
        )

    def _long_atom(self, kind: type, seen: tuple[Any, ...], size: int) -> Any:
        """Return a long text for a text; a number stays as it was seen, since it may count anything."""
        texts: list[Any] = [seed for seed in seen if type(seed) is kind and seed]
        if kind in (str, bytes) and texts:
            longest = max(texts, key=len)
            return longest * max(1, size // max(1, len(longest)))
        if kind is str:
            return " ".join(f"word{index % 97}" for index in range(max(1, size // 6)))
        if kind is bytes:
            return b"ab c" * max(1, size // 4)
        if seen:
            return self._random.choice(seen)
        return min(size, 16) if kind is int else self._atom(kind, seen, None, 1)

    def _filler(self) -> Any:
        """Return something for a place of which nothing is known, such as the items of a list only seen empty."""
        return self._random.choice((0, 1, 2, "a", "b"))


def _as_record(shape: Shape, fields: dict[str, Any]) -> Any:
    kind = shape[1]
    if kind is dict or issubclass(kind, dict):
        return kind(fields)
    if kind is types.SimpleNamespace:
        return kind(**fields)
    if not shape[3]:
        return kind(**fields)
    made = object.__new__(kind)
    vars(made).update(vars(shape[3][0]))
    for name, value in fields.items():
        object.__setattr__(made, name, value)
    return made


def relatives(value: Any) -> tuple[Any, ...]:
    """Return values of the same type that code might take for equal to `value`, or for its neighbour."""
    if type(value) is str:
        return (
            value,
            value.upper(),
            value.lower(),
            value.casefold(),
            value.swapcase(),
            value + " ",
            value[::-1],
            value[:-1],
        )
    if type(value) is int:
        return value, value + 1, value - 1, -value, value * 2
    return value, value, *whetstone_kinds.beside(value)


def _near(constant: Any) -> tuple[Any, ...]:
    """Return values on and beside a constant of the code."""
    if type(constant) is int:
        return constant - 1, constant, constant + 1
    if type(constant) is float:
        return constant, constant + 1.0, -constant
    if type(constant) is str and len(constant) <= 200:
        return constant, constant + "x", constant[:-1]
    return (constant,) if type(constant) in (bytes, bool, complex) else ()


def _sorted(items: list[Any], reverse: bool) -> list[Any]:
    try:
        return sorted(items, reverse=reverse)
    except Exception:  # items of several types have no order
        return items


def _hashable(items: list[Any]) -> list[Any]:
    return [item for item in items if _is_hashable(item)]


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except Exception:  # a foreign __hash__ can raise anything
        return False
    return True
