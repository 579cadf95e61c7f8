from subject import differences


def test_letters_that_differ():
    assert differences("karolin", "kathrin") == 3
    assert differences("", "x") == 0
    assert differences("ab" * 100, "ac" * 100) == 100
