from subject import rounded

ARGUMENTS = ([i / 2 for i in range(200)],)


def test_rounded():
    assert len(rounded(*ARGUMENTS)) == 200
