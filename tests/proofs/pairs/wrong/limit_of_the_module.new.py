"""Rare branch: the threshold stands in the module, not in the function."""

LIMIT = 4711


def charge(units: int) -> int:
    return 300 + (1 if units > LIMIT else 0)
