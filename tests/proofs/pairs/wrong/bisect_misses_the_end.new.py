"""Off by one: a search that never looks past the last place."""

from bisect import bisect_left


def insertion_point(ordered, value):
    return bisect_left(ordered, value, 0, max(len(ordered) - 1, 0))
