from subject import shouted


def test_words_in_capitals():
    assert shouted(["a", "b"]) == "A B"
    assert len(shouted(["word"] * 200)) == 999
    assert shouted([]) == ""
