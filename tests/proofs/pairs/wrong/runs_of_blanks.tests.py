from subject import fields


def test_fields_of_a_line():
    assert fields("one two three") == ["one", "two", "three"]
    assert fields("x " * 60 + "y") == ["x"] * 60 + ["y"]
