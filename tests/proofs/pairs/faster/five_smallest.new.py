"""The head of a sorted copy, taken from a heap, which keeps the order of equal ones."""

from heapq import nsmallest


def five_fastest(milliseconds):
    return nsmallest(5, milliseconds)
