from subject import by_initial


def test_sorted_words_are_grouped():
    assert by_initial(["ant", "ape", "bee"]) == {"a": ["ant", "ape"], "b": ["bee"]}


def test_many_words():
    words = sorted(f"{chr(97 + i % 26)}{i}" for i in range(260))
    assert len(by_initial(words)) == 26
