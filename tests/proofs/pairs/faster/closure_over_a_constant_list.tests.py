from subject import significant


def test_single_letters_are_noise():
    assert significant("a tale of b and c " * 8) == ["tale", "of", "and"] * 8


def test_no_words():
    assert significant("") == []
    assert significant(" z ") == []
