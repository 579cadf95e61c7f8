"""Dates: somebody born on the last of February."""

from datetime import date


def age(born: date, today: date) -> int:
    years = 0
    while True:
        try:
            birthday = born.replace(year=born.year + years + 1)
        except ValueError:
            birthday = date(born.year + years + 1, 3, 1)
        if birthday > today:
            return years
        years += 1
