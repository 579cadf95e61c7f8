"""A global looked up in a loop, as a local name."""

RATE = 19


def taxed(prices):
    result = 0
    rate = RATE
    for price in prices:
        result += price * rate
    return result
