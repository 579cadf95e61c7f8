"""Leap years counted year by year, computed; the calendar's range is checked before."""


def leap_years(first: int, last: int) -> int:
    if not 1 <= first <= last <= 9999:
        raise ValueError("years out of range")
    before = first - 1
    return (last // 4 - last // 100 + last // 400) - (before // 4 - before // 100 + before // 400)
