"""Iterator consumed: what was read for the sum is gone for the count."""

from collections.abc import Iterable


def average(values: Iterable[int]) -> float:
    total = sum(values)
    count = len(list(values))
    return total / count if count else 0.0
