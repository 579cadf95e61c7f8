"""A comprehension that calls with unpacked pairs, as starmap."""

from itertools import starmap


def powers(pairs):
    return list(starmap(pow, pairs))
