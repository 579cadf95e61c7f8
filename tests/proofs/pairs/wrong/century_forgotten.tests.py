from subject import leap_years


def test_recent_years():
    assert leap_years(1995, 2024) == 8
    assert leap_years(2023, 2023) == 0
