from subject import first

ARGUMENTS = ([7, 8],)


def test_first():
    assert first(*ARGUMENTS) == 7
