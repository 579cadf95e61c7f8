"""Float: adding a half moves the largest number below a half up."""

import math


def nearest(values: list[float]) -> list[float]:
    result: list[float] = []
    for value in values:
        if not abs(value) < 1e15:
            result = result + [value]
            continue
        low = math.floor(value)
        result = result + [low + 1.0 if value - low >= 0.5 else low + 0.0]
    return result
