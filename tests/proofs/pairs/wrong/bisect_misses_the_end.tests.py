from subject import insertion_point


def test_places():
    assert insertion_point(list(range(100)), 50) == 50
    assert insertion_point([1, 3, 5], 2) == 1
    assert insertion_point([], 2) == 0
