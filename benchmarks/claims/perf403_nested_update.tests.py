from subject import merged

ARGUMENTS = ([[(i, i), (i + 1, i)] for i in range(60)],)


def test_merged():
    assert len(merged(*ARGUMENTS)) == 61
