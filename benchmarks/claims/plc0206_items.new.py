"""A dict gone through by key and looked up, as items."""


def total(prices):
    result = 0
    for _, price in prices.items():
        result += price
    return result
