from subject import is_corner

ARGUMENTS = (3, 3, 7)


def test_is_corner():
    assert is_corner(*ARGUMENTS)
