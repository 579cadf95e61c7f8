"""Negative zero: 0.0 - x is not -x when x is nothing."""


def opposite(points):
    return [(0.0 - x, 0.0 - y) for x, y in points]
