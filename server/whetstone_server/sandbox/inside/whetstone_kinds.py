"""Odd values of types that are neither numbers nor texts but often stand in calls: dates, decimals, fractions.

Nothing here imports a module of which the program under trial makes no use.
"""

from __future__ import annotations

import sys
from typing import Any

DAYS = (
    (2000, 2, 29),
    (2024, 2, 29),
    (2023, 2, 28),
    (2024, 12, 31),
    (2025, 1, 1),
    (2024, 1, 31),
    (2024, 3, 1),
    (1900, 2, 28),
    (1969, 12, 31),
    (1582, 10, 15),
    (2024, 12, 30),
)
TIMES = ((0, 0, 0, 0), (23, 59, 59, 999999), (12, 0, 0, 0), (9, 5, 7, 1))
DECIMALS = (
    "0",
    "-0",
    "0.1",
    "0.10",
    "2.5",
    "-2.5",
    "1e30",
    "0.005",
    "1.005",
    "NaN",
    "Infinity",
    "99999999999999999.99",
)
FRACTIONS = ((0, 1), (1, 3), (-1, 3), (5, 2), (-5, 2), (10**30 + 1, 10**30))
SECONDS = (0, 1, -1, 86_399, 86_400, 86_401, -0.000001, 10**9)


def odd(kind: Any) -> tuple[Any, ...]:
    """Return odd values of exactly this type; none for a type of which nothing is known."""
    calendar, decimals, fractions = (sys.modules.get(name) for name in ("datetime", "decimal", "fractions"))
    if calendar is not None and kind is calendar.date:
        return tuple(kind(*day) for day in DAYS)
    if calendar is not None and kind is calendar.datetime:
        return tuple(kind(*day, *TIMES[index % len(TIMES)]) for index, day in enumerate(DAYS))
    if calendar is not None and kind is calendar.time:
        return tuple(kind(*each) for each in TIMES)
    if calendar is not None and kind is calendar.timedelta:
        return tuple(kind(seconds=each) for each in SECONDS)
    if decimals is not None and kind is decimals.Decimal:
        return tuple(kind(text) for text in DECIMALS)
    if fractions is not None and kind is fractions.Fraction:
        return tuple(kind(*parts) for parts in FRACTIONS)
    return ()


def beside(value: Any) -> tuple[Any, ...]:
    """Return neighbours of a value of one of these types: the day before and after, the same day of another year."""
    kind = type(value)
    if not odd(kind):
        return ()
    steps: tuple[Any, ...] = ()
    if hasattr(value, "toordinal"):
        day = sys.modules["datetime"].timedelta(days=1)
        steps = tuple(_sum(value, days * day) for days in (1, -1, 7, 365, -366))
        steps += tuple(_moved(value, years) for years in (1, -1, 4))
    elif hasattr(value, "total_seconds") or hasattr(value, "as_tuple") or hasattr(value, "numerator"):
        steps = (_sum(value, value), _sum(value, -value))
    return tuple(step for step in steps if step is not None)


def _sum(one: Any, other: Any) -> Any:
    try:
        return one + other
    except Exception:  # beyond the calendar, or of no number
        return None


def _moved(day: Any, years: int) -> Any:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # there is no such day
        return None
