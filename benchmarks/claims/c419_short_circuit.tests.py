from subject import has_negative

ARGUMENTS = ([-1, *range(200)],)


def test_has_negative():
    assert has_negative(*ARGUMENTS)
