from subject import path_of


def test_parts_are_joined():
    assert path_of("usr", "lib") == "/usr/lib"
    assert path_of() == ""
    assert len(path_of(*["part"] * 100)) == 500
