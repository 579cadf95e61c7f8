from subject import doubled


def test_each_is_doubled():
    assert list(doubled(range(200))) == list(range(0, 400, 2))
