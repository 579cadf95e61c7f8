import pytest

from subject import parse_day


@pytest.mark.parametrize("text, day", [("2024-02-29", 29), ("1999-12-31", 31)])
def test_days_are_read(text, day):
    assert parse_day(text).day == day


def test_other_texts_are_refused():
    with pytest.raises(ValueError):
        parse_day("yesterday")
