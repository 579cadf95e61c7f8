from subject import Cart


def test_amounts_are_added():
    assert Cart([1, 2, 3]).total() == 6
    assert Cart(list(range(300))).total() == 44850


def test_nothing_costs_nothing():
    assert Cart([]).total() == 0
