import pytest

from subject import chunks


def test_the_last_chunk_may_be_short():
    assert list(chunks([1, 2, 3], 2)) == [[1, 2], [3]]
    assert list(chunks([], 2)) == []


@pytest.mark.parametrize("size", [7, 50])
def test_nothing_is_lost(size):
    assert [item for chunk in chunks(range(600), size) for item in chunk] == list(range(600))


def test_a_chunk_of_nothing_is_refused():
    with pytest.raises(ValueError):
        next(chunks([1], 0))
