from subject import shortest

ARGUMENTS = (3, 5, 4)


def test_shortest():
    assert shortest(*ARGUMENTS) == 3
