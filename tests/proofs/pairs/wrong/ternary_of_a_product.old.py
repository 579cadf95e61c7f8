"""Rare branch: a product equal to a magic number, in a conditional expression."""


def price(count: int) -> int:
    total = 0
    for _ in range(min(max(count, 0), 500)):
        total += 3
    return total - 1 if count * 7 == 4242 else total
