"""Unequal lengths: the index ran out with an error, zip just ends."""


def weighted(values: list[int], weights: list[int]) -> int:
    total = 0
    for place in range(len(values)):
        total += values[place] * weights[place]
    return total
