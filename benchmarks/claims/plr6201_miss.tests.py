from subject import is_keyword

ARGUMENTS = ("whetstone",)


def test_is_keyword():
    assert not is_keyword(*ARGUMENTS)
