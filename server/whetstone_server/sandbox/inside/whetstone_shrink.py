"""Makes an input smaller while it still shows a difference: fewer items, shorter texts, rounder numbers."""

from __future__ import annotations

import time

from whetstone_freeze import Unfreezable, freeze

MOST_TRIES = 200


def smaller(subject, frozen, differs, until):
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


def _candidates(subject, frozen):
    args, kwargs = subject.thaw(frozen)
    for index, value in enumerate(args):
        for less in _less(value):
            yield from _frozen((*args[:index], less, *args[index + 1 :]), kwargs)
    for name, value in kwargs.items():
        for less in _less(value):
            yield from _frozen(args, {**kwargs, name: less})


def _frozen(args, kwargs):
    try:
        yield freeze(args, kwargs)
    except Unfreezable:
        return


def _less(value):
    """Yield values of the same type, simpler than `value`, the simplest first."""
    kind = type(value)
    if kind in (list, tuple, str, bytes):
        yield from _shorter(value, kind)
    if kind in (list, tuple):
        for index, item in enumerate(value):
            for less in _less(item):
                yield kind([*value[:index], less, *value[index + 1 :]])
    elif kind is dict:
        for key in value:
            yield {other: item for other, item in value.items() if other != key}
        for key, item in value.items():
            for less in _less(item):
                yield {**value, key: less}
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


def _shorter(value, kind):
    size = len(value)
    if not size:
        return
    yield value[:0]
    if size > 3:
        yield value[: size // 2]
        yield value[size // 2 :]
    for index in range(min(size, 24)):
        yield value[:index] + value[index + 1 :]
