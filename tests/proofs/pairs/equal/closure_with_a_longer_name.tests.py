from subject import cleaned


def test_empty_lines_go():
    assert cleaned([" A ", "", "b"]) == ["a", "b"]
    assert len(cleaned(["Line "] * 100)) == 100
