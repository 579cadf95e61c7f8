"""Dates: the last days of December belong to the first week."""

import datetime


def week(day: datetime.date) -> int:
    return (day.timetuple().tm_yday - day.isoweekday() + 10) // 7
