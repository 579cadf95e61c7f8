"""Float: adding a half moves the largest number below a half up."""

import math


def nearest(values: list[float]) -> list[float]:
    floor = math.floor
    return [floor(value + 0.5) + 0.0 if abs(value) < 1e15 else value for value in values]
