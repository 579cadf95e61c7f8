from subject import is_unit

ARGUMENTS = ("km",)


def test_is_unit():
    assert not is_unit(*ARGUMENTS)
