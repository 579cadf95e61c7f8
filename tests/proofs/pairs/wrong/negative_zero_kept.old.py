"""Negative zero: max(0.0, x) clears its sign, a comparison keeps it."""


def clipped(values: list[float]) -> list[float]:
    return [max(0.0, value) for value in values]
