"""Attributes: a subclass may say itself what an item costs."""


class Cart:
    def __init__(self, items: list[int]) -> None:
        self.items = items

    def cost(self, item: int) -> int:
        return item * 2

    def total(self) -> int:
        return 2 * sum(self.items)


class GiftCart(Cart):
    def cost(self, item: int) -> int:
        return item * 2 + 1
