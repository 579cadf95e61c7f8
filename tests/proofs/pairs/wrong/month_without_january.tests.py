import datetime

from subject import previous


def test_previous():
    assert previous(datetime.date(2024, 5, 20)).startswith("2024-04")
    assert previous(datetime.date(2023, 12, 31)).startswith("2023-11")
