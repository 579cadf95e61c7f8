"""Negative zero: max(0.0, x) clears its sign, a comparison keeps it."""


def clipped(values: list[float]) -> list[float]:
    return [value if value >= 0.0 else 0.0 for value in values]
