from subject import squares

ARGUMENTS = (list(range(50)),)


def test_squares():
    assert len(squares(*ARGUMENTS)) == 50
