from subject import line

ARGUMENTS = (["word"] * 100,)


def test_line():
    assert len(line(*ARGUMENTS)) == 499
