import pytest

from subject import month_number

AUTUMN = [("september", 9), ("october", 10), ("november", 11), ("december", 12)]


@pytest.mark.parametrize("name, number", [*AUTUMN, ("march", 3)] * 4)
def test_months_have_numbers(name, number):
    assert month_number(name) == number


def test_other_words_are_refused():
    with pytest.raises(ValueError):
        month_number("brumaire")
