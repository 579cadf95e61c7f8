import pytest

from subject import ordered


@pytest.mark.parametrize("size", [50, 200])
def test_in_order(size):
    assert ordered([(i * 7919) % 211 for i in range(size)])[0] == 0


def test_nothing_to_order():
    assert ordered([]) == []
