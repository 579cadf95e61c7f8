"""Makes an input smaller while it still shows a difference: fewer items, shorter texts, rounder numbers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from whetstone_freeze import Unfreezable, freeze

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from whetstone_load import Subject

MOST_TRIES = 200


def smaller(subject: Subject, frozen: bytes, differs: Callable[[bytes], bool], until: float) -> bytes:
    """Return the smallest input found from `frozen` on which `differs` still answers True; stops at time `until`."""
    best, tries, shrunk = frozen, 0, True
    while shrunk and time.monotonic() < until and tries < MOST_TRIES:
        shrunk = False
        for candidate in _candidates(subject, best):
            tries += 1
            if time.monotonic() > until or tries >= MOST_TRIES:
                break
            if candidate != best and len(candidate) <= len(best) and differs(candidate):
                best, shrunk = candidate, True
                break
    return best


def _candidates(subject: Subject, frozen: bytes) -> Iterator[bytes]:
    args, kwargs = subject.thaw(frozen)
    for index, value in enumerate(args):
        for less in _less(value):
            yield from _frozen((*args[:index], less, *args[index + 1 :]), kwargs)
    for name, value in kwargs.items():
        for less in _less(value):
            yield from _frozen(args, {**kwargs, name: less})


def _frozen(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[bytes]:
    try:
        yield freeze(args, kwargs)
    except Unfreezable:
        return


def _less(value: Any) -> Iterator[Any]:
    """Yield values of the same type, simpler than `value`, the simplest first."""
    kind = type(value)
    if kind in (list, tuple, str, bytes):
        yield from _shorter(value)
    if kind in (list, tuple):
        yield from _with_less_inside(value, kind)
    elif kind is dict:
        yield from _less_of_dict(value)
    elif kind in (set, frozenset):
        for item in value:
            yield value - {item}
    elif kind is int:
        yield from (
            number
            for number in (0, 1, 2, value // 2, value - 1 if value > 0 else value + 1)
            if abs(number) < abs(value)
        )
    elif kind is float and value not in (0.0, 1.0) and value == value:
        yield from (0.0, 1.0)


def _with_less_inside(value: Any, kind: Any) -> Iterator[Any]:
    for index, item in enumerate(value):
        for less in _less(item):
            yield kind([*value[:index], less, *value[index + 1 :]])


def _less_of_dict(value: dict[Any, Any]) -> Iterator[Any]:
    for key in value:
        yield {other: item for other, item in value.items() if other != key}
    for key, item in value.items():
        for less in _less(item):
            yield {**value, key: less}


def _shorter(value: Any) -> Iterator[Any]:
    size = len(value)
    if not size:
        return
    yield value[:0]
    if size > 3:
        yield value[: size // 2]
        yield value[size // 2 :]
    for index in range(min(size, 24)):
        yield value[:index] + value[index + 1 :]
