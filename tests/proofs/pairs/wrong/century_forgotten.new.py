"""Rare branch: centuries are no leap years, but for every fourth."""


def leap_years(first: int, last: int) -> int:
    if not 1 <= first <= last <= 9999:
        raise ValueError("years out of range")
    return last // 4 - (first - 1) // 4
