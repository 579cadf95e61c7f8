"""Precondition: bisection needs order, and nobody said that there is any."""


def contains(numbers: list[int], wanted: list[int]) -> list[bool]:
    return [number in numbers for number in wanted]
