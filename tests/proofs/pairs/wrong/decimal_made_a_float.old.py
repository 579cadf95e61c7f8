"""Type: decimals are summed as floats."""

from decimal import Decimal


def total(prices: list[Decimal]) -> str:
    result = Decimal(0)
    for price in prices:
        result = result + price
    return format(result, ".2f")
