"""A global looked up in a loop, as a local name."""

RATE = 19


def taxed(prices):
    result = 0
    for price in prices:
        result += price * RATE
    return result
