from subject import spans


def test_spans_touch():
    assert spans([2, 3]) == [(0, 2), (2, 5)]
    assert spans(range(100))[-1] == (4851, 4950)
