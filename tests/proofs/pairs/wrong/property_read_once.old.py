"""Attributes: a property that counts how often it is read."""


class Meter:
    def __init__(self, step: int) -> None:
        self.step = step
        self.reads = 0

    @property
    def value(self) -> int:
        self.reads += 1
        return self.reads * self.step

    def sample(self, count: int) -> int:
        total = 0
        for _ in range(min(max(count, 0), 300)):
            total += self.value
        return total
