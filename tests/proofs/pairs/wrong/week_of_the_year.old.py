"""Dates: the last days of December belong to the first week."""

import datetime


def week(day: datetime.date) -> int:
    count = 0
    year = day.isocalendar()[0]
    walk = day
    while walk.isocalendar()[0] == year:
        count += 1
        walk -= datetime.timedelta(days=7)
    return count
