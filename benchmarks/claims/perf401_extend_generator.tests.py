from subject import doubled

ARGUMENTS = (list(range(100)),)


def test_doubled():
    assert len(doubled(*ARGUMENTS)) == 100
