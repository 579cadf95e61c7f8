"""Laziness: a list that grows while its generator is being read."""

from itertools import accumulate


def running(numbers: list[int]):
    yield from accumulate(list(numbers))
