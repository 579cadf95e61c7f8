from subject import depth


def test_depths():
    assert depth([]) == 1
    assert depth([1, [2, [3]], [[[[]]]]]) == 5
    assert depth([[i, [i]] for i in range(300)]) == 3
