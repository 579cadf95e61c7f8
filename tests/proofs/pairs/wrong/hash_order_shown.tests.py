from subject import tags


def test_tags_once_each():
    text = " ".join(f"#tag{i % 40} word" for i in range(200))
    assert sorted(tags(text).split(", ")) == sorted(f"#tag{i}" for i in range(40))


def test_no_tags():
    assert tags("just words") == ""
