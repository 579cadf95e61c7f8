from subject import prices


def test_two_places():
    assert prices([1.234, 5.678, 2.0]) == [1.23, 5.68, 2.0]
    assert prices([i / 8 for i in range(0, 800, 8)]) == [float(i) for i in range(100)]
