"""Dates: somebody born on the last of February."""

from datetime import date


def age(born: date, today: date) -> int:
    if today < born:
        return 0
    return (today - born).days * 400 // 146097
