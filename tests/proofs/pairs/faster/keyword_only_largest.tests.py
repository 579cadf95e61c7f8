import pytest

from subject import leaders


@pytest.mark.parametrize("count", [1, 3, 5])
def test_the_best_come_first(count):
    scores = [(i * 7919) % 10_007 for i in range(4_000)]
    assert len(leaders(scores, count=count)) == count


def test_three_unless_told_otherwise():
    assert leaders([5, 1, 4, 2]) == [5, 4, 2]
    assert leaders([]) == []


def test_fewer_than_none_is_refused():
    with pytest.raises(ValueError):
        leaders([1], count=-1)
