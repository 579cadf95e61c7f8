"""Unequal lengths: the index ran out with an error, zip just ends."""


def weighted(values: list[int], weights: list[int]) -> int:
    return sum([value * weight for value, weight in zip(values, weights)])
