"""Sums of growing prefixes, accumulated; the start at 0 makes even a bool an int, as sum does."""

from itertools import accumulate


def balances(bookings: list[int]) -> list[int]:
    return list(accumulate(bookings, initial=0))[1:]
