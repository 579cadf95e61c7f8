from subject import has_negative

ARGUMENTS = (list(range(200)),)


def test_has_negative():
    assert not has_negative(*ARGUMENTS)
