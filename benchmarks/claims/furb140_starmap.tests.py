from subject import powers

ARGUMENTS = ([(i, 2) for i in range(200)],)


def test_powers():
    assert powers(*ARGUMENTS)[3] == 9
