from subject import flattened

ARGUMENTS = ([[1, 2], [3]] * 50,)


def test_flattened():
    assert len(flattened(*ARGUMENTS)) == 150
