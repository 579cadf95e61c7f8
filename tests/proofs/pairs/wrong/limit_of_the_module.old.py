"""Rare branch: the threshold stands in the module, not in the function."""

LIMIT = 4711


def charge(units: int) -> int:
    cost = 0
    for _ in range(300):
        cost += 1
    return cost + (1 if units >= LIMIT else 0)
