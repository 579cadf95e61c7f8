"""Dates: the month before January."""

import datetime


def previous(day: datetime.date) -> str:
    return f"{day.year}-{(day.month - 2) % 12 + 1:02}{str(day.day % 7) * 28}"
