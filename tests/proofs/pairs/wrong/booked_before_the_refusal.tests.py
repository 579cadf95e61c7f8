import pytest

from subject import book


def test_amounts_are_booked():
    ledger = []
    book(ledger, range(60))
    assert len(ledger) == 60


def test_negative_amounts_are_refused():
    with pytest.raises(ValueError):
        book([], [-1])
