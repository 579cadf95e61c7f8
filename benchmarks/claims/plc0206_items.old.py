"""A dict gone through by key and looked up, as items."""


def total(prices):
    result = 0
    for name in prices:
        result += prices[name]
    return result
