from subject import doubled

ARGUMENTS = (list(range(1000)),)


def test_doubled():
    assert len(doubled(*ARGUMENTS)) == 1000
