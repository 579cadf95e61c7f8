"""Rare branch: a product equal to a magic number, in a conditional expression."""


def price(count: int) -> int:
    return min(max(count, 0), 500) * 3
