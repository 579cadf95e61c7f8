from subject import every


def test_every_second():
    assert list(every([1, 2, 3, 4, 5], 2)) == [1, 3, 5]
    assert list(every(list(range(100)), 10)) == list(range(0, 100, 10))
