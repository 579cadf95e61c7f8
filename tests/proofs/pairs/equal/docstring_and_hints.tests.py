from subject import running


def test_the_largest_so_far():
    assert running([2, 1, 3]) == [2, 2, 3]
    assert running([]) == []
    assert running(list(range(200)))[-1] == 199
