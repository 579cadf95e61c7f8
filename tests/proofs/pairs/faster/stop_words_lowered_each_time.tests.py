from subject import content_words


def test_stop_words_go_in_any_case():
    stops = ["the", "A", "of", "and", "In", "to"]
    text = "The name of a thing and the thing in itself".split() * 10
    assert content_words(text, stops) == ["name", "thing", "thing", "itself"] * 10


def test_nothing_to_keep():
    assert content_words([], ["a"]) == []
    assert content_words(["a"], []) == ["a"]
