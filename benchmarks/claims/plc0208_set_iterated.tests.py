from subject import separators

ARGUMENTS = ("a,b;c",)


def test_separators():
    assert separators(*ARGUMENTS) == 2
