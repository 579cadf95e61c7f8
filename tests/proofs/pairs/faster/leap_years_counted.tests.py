import pytest

from subject import leap_years


def test_centuries():
    assert leap_years(1900, 1900) == 0
    assert leap_years(2000, 2000) == 1
    assert leap_years(1600, 2024) == 104


@pytest.mark.parametrize("first, last", [(2, 1), (0, 5), (1, 10_000)])
def test_years_out_of_range(first, last):
    with pytest.raises(ValueError):
        leap_years(first, last)
