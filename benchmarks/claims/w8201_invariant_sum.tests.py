from subject import scaled

ARGUMENTS = (list(range(200)), 80, 4)


def test_scaled():
    assert len(scaled(*ARGUMENTS)) == 200
