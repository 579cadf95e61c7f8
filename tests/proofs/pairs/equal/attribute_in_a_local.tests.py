from subject import Account


def test_bookings_are_added():
    assert Account(5).after([1, 2]) == 8
    assert Account(0).after(list(range(200))) == 19900
