"""Sums of growing prefixes, accumulated; the start at 0 makes even a bool an int, as sum does."""


def balances(bookings: list[int]) -> list[int]:
    return [sum(bookings[: end + 1]) for end in range(len(bookings))]
