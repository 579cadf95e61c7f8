"""A call with the same answer in each round, made once; an empty list never makes it."""


def shares(values: list[int]) -> list[float]:
    return [value / max(values) for value in values]
