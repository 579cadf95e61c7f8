from datetime import date

from subject import age


def test_age():
    assert age(date(1980, 5, 20), date(2020, 6, 1)) == 40
    assert age(date(1999, 1, 1), date(2020, 6, 1)) == 21
    assert age(date(2000, 2, 29), date(2021, 6, 1)) == 21
