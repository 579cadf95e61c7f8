"""Precondition: bisection needs order, and nobody said that there is any."""

from bisect import bisect_left


def contains(numbers: list[int], wanted: list[int]) -> list[bool]:
    result = []
    for number in wanted:
        place = bisect_left(numbers, number)
        result.append(place < len(numbers) and numbers[place] == number)
    return result
