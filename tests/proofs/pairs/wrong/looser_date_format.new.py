"""Rare input and exception message: fromisoformat takes and refuses other texts than strptime."""

from datetime import date, datetime


def parse_day(text: str) -> date:
    return date.fromisoformat(text)
