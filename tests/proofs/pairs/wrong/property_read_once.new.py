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
        count = min(max(count, 0), 300)
        self.reads += count
        return self.step * count * (count + 1) // 2
