from subject import joined

ARGUMENTS = ([1, 2, 3], [4, 5])


def test_joined():
    assert joined(*ARGUMENTS) == [1, 2, 3, 4, 5]
