from subject import forget


def test_names_are_forgotten():
    known = {"a": 1, "b": 2}
    assert forget(known, "a") == 1
    assert forget(known, "c") == 1
    assert forget({}, "a") == 0
