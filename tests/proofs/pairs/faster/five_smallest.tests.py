import pytest

from subject import five_fastest


@pytest.mark.parametrize("size", [2_000, 5_000])
def test_the_five_are_in_order(size):
    times = [(i * 7919) % 10_007 for i in range(size)]
    fastest = five_fastest(times)
    assert len(fastest) == 5
    assert fastest == sorted(fastest)


def test_fewer_than_five():
    assert five_fastest([3, 1]) == [1, 3]
    assert five_fastest([]) == []
