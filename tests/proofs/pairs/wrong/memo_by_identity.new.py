"""Shared state: remembered by the identity of a list that may change between two calls."""

_totals: dict[int, int] = {}


def total(rows: list[int]) -> int:
    known = _totals.get(id(rows))
    if known is None:
        known = _totals[id(rows)] = sum((index + 1) * item for index, item in enumerate(rows))
    return known
