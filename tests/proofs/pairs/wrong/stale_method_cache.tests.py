from subject import Basket


def test_pairs():
    assert Basket([1, 2, 1]).pairs() == 5
    assert Basket(list(range(60))).pairs() == 60
