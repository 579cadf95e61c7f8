"""Rare branch: centuries are no leap years, but for every fourth."""


def leap_years(first: int, last: int) -> int:
    if not 1 <= first <= last <= 9999:
        raise ValueError("years out of range")
    return sum(1 for year in range(first, last + 1) if year % 4 == 0 and (year % 100 or year % 400 == 0))
