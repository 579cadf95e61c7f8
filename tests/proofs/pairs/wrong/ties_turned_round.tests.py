from subject import by_length


def test_longest_first():
    assert by_length(["a", "bbb", "cc"]) == ["bbb", "cc", "a"]
    assert by_length([]) == []
