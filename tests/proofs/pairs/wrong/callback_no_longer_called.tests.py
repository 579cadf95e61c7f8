from subject import violated


def test_a_limit_is_passed():
    assert violated([("low", 1), ("high", 9)], 5, [])
    assert not violated([("high", 9)], 5, [])
    assert violated([(f"r{i}", i) for i in range(100)], 5, [])
