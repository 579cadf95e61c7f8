from subject import product


def test_products():
    assert product([2, 3, 7]) == 42
    assert product([]) == 1
    assert product([1, -1] * 50) == 1
