"""Half of a sorted list taken from a heap: for so many, sorting was the better way."""

from heapq import nsmallest


def smaller_half(values: list[int]) -> list[int]:
    return nsmallest(len(values) // 2, values)
