"""Equality of users' classes: identity is asked before equality by `in`."""


class Price:
    def __init__(self, amount: float) -> None:
        self.amount = amount

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Price) and self.amount == other.amount

    __hash__ = None


def has(prices: list[Price], wanted: Price) -> bool:
    return wanted in prices
