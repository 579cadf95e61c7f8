from subject import is_root

ARGUMENTS = ("guest",)


def test_is_root():
    assert not is_root(*ARGUMENTS)
