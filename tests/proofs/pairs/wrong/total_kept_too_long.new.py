"""Shared state in an object: a total kept from the first call misses what is added later."""


class Cart:
    """Amounts to pay."""

    def __init__(self, amounts):
        self.amounts = amounts

    def total(self):
        if not hasattr(self, "_total"):
            self._total = sum(self.amounts)
        return self._total
