from subject import all_known


def test_known_numbers():
    known = [i * 3 for i in range(120)]
    assert all_known(known[:100], known)
    assert all_known(known[20:], known)


def test_an_unknown_number_at_the_end():
    assert not all_known([3, 6, 7], [3, 6])


def test_nothing_is_known():
    assert all_known([], [])
