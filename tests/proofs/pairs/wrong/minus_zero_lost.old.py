"""Negative zero: 0.0 - x is not -x when x is nothing."""


def opposite(points):
    return [(x * -1.0, y * -1.0) for x, y in points]
