"""A product in a loop, by functools.reduce and a lambda."""

from functools import reduce


def product(factors):
    return reduce(lambda left, right: left * right, factors, 1)
