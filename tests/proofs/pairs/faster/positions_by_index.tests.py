import pytest

from subject import positions

COLUMNS = [f"column{i}" for i in range(60)]


@pytest.mark.parametrize("times", [1, 3])
def test_places_of_columns(times):
    assert positions(COLUMNS * times, COLUMNS) == list(range(60)) * times


def test_the_first_of_two_counts():
    assert positions(["b", "a"], ["a", "b", "a"]) == [1, 0]


def test_a_missing_column_is_refused():
    with pytest.raises(ValueError):
        positions(["a", "z"], ["a"])
