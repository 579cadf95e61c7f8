from subject import pair_with_sum


def test_the_first_pair_counts():
    assert pair_with_sum([5, 1, 4, 2, 3], 6) == (0, 1)
    assert pair_with_sum([3, 3], 6) == (0, 1)
    assert pair_with_sum([3], 6) is None


def test_pairs_far_apart():
    values = list(range(0, 400, 2))
    assert pair_with_sum(values, 398 + 396) == (198, 199)
    assert pair_with_sum(values, 7) is None
