from subject import query


def test_options_are_appended():
    assert query("/a") == "/a"
    assert query("/a", page=2) == "/a?page=2"
    assert query("/a?x", page=2, size=10, sort="name") == "/a?x&page=2&size=10&sort=name"
