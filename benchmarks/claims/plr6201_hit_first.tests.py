from subject import is_vowel

ARGUMENTS = ("a",)


def test_is_vowel():
    assert is_vowel(*ARGUMENTS)
