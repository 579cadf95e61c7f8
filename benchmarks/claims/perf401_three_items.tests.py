from subject import doubled

ARGUMENTS = ([1, 2, 3],)


def test_doubled():
    assert doubled(*ARGUMENTS) == [2, 4, 6]
