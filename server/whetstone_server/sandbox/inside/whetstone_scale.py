"""Longer calls of the same kind as a recorded one, to see how cost grows.

A collection is repeated, and what tells its items apart is changed in each repeat: numbers move on by the span of all
numbers, texts get a suffix. The same change is made wherever a value occurs, so that what was found before is found
again and what matched before matches again.
"""

from __future__ import annotations

import collections
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    Columns = dict[tuple[Any, ...], list[tuple[type, Any]]]

A_TEXT = 16
"""Shorter ones are names and keys: a longer one would not be a longer text, but another key."""
GROWING = (list, tuple, set, frozenset, dict, collections.deque, collections.OrderedDict, collections.Counter)


class Scaler:
    """Knows which values of one call tell its items apart."""

    def __init__(self, call: dict[str, Any], random: Random) -> None:
        """`call` maps parameter names to the recorded values."""
        self._call = call
        self._random = random
        self._alike = False
        self._keys = self._telling_apart()
        numbers = [key for kind, key in self._keys if kind in (int, float)]
        self._span = max(numbers) - min(numbers) + 1 if numbers else 1

    def longest(self) -> int:
        """Return the length of the longest collection or text directly among the arguments; a word is no text."""
        return max(
            [len(value) for value in self._call.values() if type(value) in GROWING]
            or [len(value) for value in self._call.values() if type(value) in (str, bytes) and len(value) >= A_TEXT]
            or [0]
        )

    def times(self, repeats: int, alike: bool = False) -> dict[str, Any]:
        """Return the call with every collection `repeats` times as long; all repeats equal where they are `alike`."""
        self._alike = alike
        grows = any(type(value) in GROWING for value in self._call.values())
        return {name: self._repeated(value, repeats, texts=not grows) for name, value in self._call.items()}

    def _repeated(self, value: Any, repeats: int, texts: bool) -> Any:
        kind = type(value)
        if kind in (str, bytes):
            return value * repeats if texts else value
        if kind not in GROWING:
            return value
        if issubclass(kind, dict):
            return kind(
                {
                    self._moved(key, turn): self._moved(item, turn)
                    for turn in range(repeats)
                    for key, item in value.items()
                }
            )
        items = [self._moved(item, turn) for turn in range(repeats) for item in value]
        if kind in (list, tuple, collections.deque) and not _in_order(value):
            self._random.shuffle(items)
        return collections.deque(items, value.maxlen) if kind is collections.deque else kind(items)

    def _moved(self, value: Any, turn: int) -> Any:
        """Return an item as it stands in one of the repeats."""
        kind = type(value)
        if turn == 0 or self._alike:
            return value
        if (kind, value if kind in (int, float, str) else None) in self._keys:
            return f"{value}{turn}" if kind is str else value + turn * self._span
        if kind in (list, set, frozenset) or kind is tuple:
            return kind([self._moved(item, turn) for item in value])
        if kind in (dict, collections.OrderedDict):
            return kind((key, self._moved(item, turn)) for key, item in value.items())
        if issubclass(kind, tuple) and hasattr(kind, "_fields"):
            return kind(*(self._moved(item, turn) for item in value))
        if kind is types.SimpleNamespace or hasattr(kind, "__dataclass_fields__"):
            return self._moved_record(value, kind, turn)
        return value

    def _moved_record(self, value: Any, kind: Any, turn: int) -> Any:
        made = object.__new__(kind)
        for name, item in vars(value).items():
            object.__setattr__(made, name, self._moved(item, turn))
        return made

    def _telling_apart(self) -> set[tuple[type, Any]]:
        """Return the values of columns that never repeat a value, and the same values wherever they stand."""
        columns: Columns = {}
        for name, value in self._call.items():
            if type(value) in GROWING:
                _collect(value, (name,), columns)
        found: set[tuple[type, Any]] = set()
        for column in columns.values():
            if len(column) > 1 and len(set(column)) == len(column):
                found.update(column)
        return found


def _collect(value: Any, path: tuple[Any, ...], columns: Columns) -> None:
    """Put every number and text of a collection into the column of its path."""
    kind = type(value)
    if kind not in (int, float, str):
        for step, part in _parts(value, kind, len(path)):
            _collect(part, (*path, step), columns)
    elif value == value:
        columns.setdefault(path, []).append((kind, value))


def _parts(value: Any, kind: type, depth: int) -> Iterator[tuple[Any, Any]]:
    """Yield what a collection or an object holds, each part with the name of its column."""
    if isinstance(value, dict):
        for key, item in list(value.items())[:200]:
            if depth == 1:
                yield "key", key
            yield "value" if depth == 1 else key, item
    elif kind is tuple or hasattr(kind, "_fields"):
        for index, item in enumerate(value[:200]):
            yield "item" if depth == 1 else index, item
    elif kind in GROWING:
        yield from (("item", item) for item in list(value)[:200])
    elif depth < 4 and hasattr(value, "__dict__") and not isinstance(value, type):
        yield from vars(value).items()


def _in_order(value: Any) -> bool:
    try:
        items = list(value)
        return len(items) > 1 and (items == sorted(items) or items == sorted(items, reverse=True))
    except Exception:  # items of several types have no order
        return False
