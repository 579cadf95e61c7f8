from subject import lengths

ARGUMENTS = ([f"word{i}" for i in range(200)],)


def test_lengths():
    assert len(lengths(*ARGUMENTS)) == 200
