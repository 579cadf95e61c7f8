"""Shared state: a method remembers its answer although the object can change."""

from functools import lru_cache


class Basket:
    def __init__(self, prices: list[int]) -> None:
        self.prices = prices

    def add(self, price: int) -> None:
        self.prices.append(price)

    @lru_cache(maxsize=None)
    def pairs(self) -> int:
        count = 0
        for one in self.prices:
            for other in self.prices:
                if one == other:
                    count += 1
        return count
