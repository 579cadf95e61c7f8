from decimal import Decimal

from subject import total


def test_total():
    assert total([Decimal("1.10"), Decimal("2.20")]) == "3.30"
    assert total([Decimal("0.10")] * 300) == "30.00"
