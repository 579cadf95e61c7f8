"""Dates: the month before January."""

import datetime


def previous(day: datetime.date) -> str:
    month, year = day.month, day.year
    out = ""
    for _ in range(28):
        out += str(day.day % 7)
    if month == 1:
        return f"{year - 1}-12{out}"
    return f"{year}-{month - 1:02}{out}"
