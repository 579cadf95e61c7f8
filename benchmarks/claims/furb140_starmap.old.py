"""A comprehension that calls with unpacked pairs, as starmap."""

from itertools import starmap


def powers(pairs):
    return [pow(base, exponent) for base, exponent in pairs]
