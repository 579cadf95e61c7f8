import pytest

from subject import window_sums


def test_small_windows():
    assert window_sums([1, 2, 3, 4], 2) == [3, 5, 7]
    assert window_sums([5], 1) == [5]
    assert window_sums([], 3) == []


@pytest.mark.parametrize("size", [400, 1_000])
def test_wide_windows(size):
    sums = window_sums(list(range(size)), 60)
    assert len(sums) == size - 59
    assert sums[0] == sum(range(60))


def test_a_window_of_nothing_is_refused():
    with pytest.raises(ValueError):
        window_sums([1], 0)
