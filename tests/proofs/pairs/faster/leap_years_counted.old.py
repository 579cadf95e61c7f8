"""Leap years counted year by year, computed; the calendar's range is checked before."""


def leap_years(first: int, last: int) -> int:
    if not 1 <= first <= last <= 9999:
        raise ValueError("years out of range")
    count = 0
    for year in range(first, last + 1):
        if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
            count += 1
    return count
