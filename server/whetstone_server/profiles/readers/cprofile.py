"""Dumps of cProfile, profile and pstats: a marshalled dict of functions.

https://docs.python.org/3/library/profile.html
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from whetstone_server.profiles.marshalled import loads
from whetstone_server.profiles.profile import Frame, NotAProfile, Profile, is_python

NAME = "a cProfile dump"
_DICT, _TUPLES, _END = ord("{"), b"()", ord("0")
_REFERENCED = 0x80


def begins(head: bytes) -> bool:
    """Whether this is a marshalled dict that is empty or whose first key is a tuple."""
    if len(head) < 2 or head[0] & ~_REFERENCED != _DICT:
        return False
    return head[1] & ~_REFERENCED in _TUPLES or head[1] == _END


def read(content: bytes) -> Profile:
    """Return own time by function; the time of a built-in counts for the functions that called it."""
    own: dict[Frame, float] = {}
    total = 0.0
    stats = loads(content)
    if not isinstance(stats, dict):
        raise NotAProfile("is not a table of functions")
    for key, value in stats.items():
        frame = _frame(key)
        time, callers = _timing(value)
        total += time
        if is_python(frame):
            own[frame] = own.get(frame, 0.0) + time
            continue
        for caller, share in callers.items():
            calling = _frame(caller)
            if is_python(calling):
                own[calling] = own.get(calling, 0.0) + _caller_time(share)
    return Profile("cProfile", own, total)


def _frame(key: Any) -> Frame:
    match key:
        case (str(file), int(line), str(function)):
            return Frame(function, file, line)
    raise NotAProfile("one of its functions has no file, line and name")


def _timing(value: Any) -> tuple[float, dict[Any, Any]]:
    """Return own time and callers of `(primitive calls, calls, own time, time with callees, callers)`."""
    match value:
        case (_, _, int() | float() as time, _, dict(callers)) if isfinite(time):
            return max(float(time), 0.0), callers
    raise NotAProfile("one of its functions has no times")


def _caller_time(share: Any) -> float:
    """Return the own time of a built-in under one caller; the pure-Python `profile` only counts calls."""
    match share:
        case (_, _, int() | float() as time, _) if isfinite(time):
            return max(float(time), 0.0)
        case int():
            return 0.0
    raise NotAProfile("one of its callers has no times")
