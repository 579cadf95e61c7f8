"""Iterator consumed: what was read for the sum is gone for the count."""

from collections.abc import Iterable


def average(values: Iterable[int]) -> float:
    kept = []
    for value in values:
        kept.append(value)
    return sum(kept) / len(kept) if kept else 0.0
