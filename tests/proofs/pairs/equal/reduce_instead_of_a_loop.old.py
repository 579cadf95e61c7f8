"""A product in a loop, by functools.reduce and a lambda."""

from functools import reduce


def product(factors):
    result = 1
    for factor in factors:
        result *= factor
    return result
