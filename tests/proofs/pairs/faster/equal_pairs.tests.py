import pytest

from subject import equal_pairs


@pytest.mark.parametrize("size", [40, 120])
def test_words_in_turn(size):
    assert equal_pairs([f"w{i % 10}" for i in range(size)]) == 10 * (size // 10) * (size // 10 - 1) // 2


def test_no_pairs():
    assert equal_pairs([]) == 0
    assert equal_pairs(["a"]) == 0
