from subject import distinct


def test_rows_once_each():
    assert distinct([(1, 2), (1, 2), (3, 4)]) == [(1, 2), (3, 4)]
    assert distinct([[1], [2], [1]]) == [[1], [2]]


def test_many_rows():
    assert len(distinct([(i % 50, i % 2) for i in range(200)])) == 50
