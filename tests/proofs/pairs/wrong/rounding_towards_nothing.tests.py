from subject import minutes


def test_whole_minutes():
    assert minutes([0, 59, 60, 3601]) == [0, 0, 1, 60]
    assert minutes(list(range(0, 6000, 60))) == list(range(100))
