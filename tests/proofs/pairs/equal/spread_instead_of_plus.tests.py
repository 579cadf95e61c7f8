from subject import command


def test_arguments_follow():
    assert command(["git", "-C", "."], ["log", "-1"]) == ["git", "-C", ".", "log", "-1"]
    assert command(["git"], []) == ["git"]
