from subject import is_number

ARGUMENTS = ("text",)


def test_is_number():
    assert not is_number(*ARGUMENTS)
