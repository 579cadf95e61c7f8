"""A call with the same answer in each round, made once; an empty list never makes it."""


def shares(values: list[int]) -> list[float]:
    if not values:
        return []
    largest = max(values)
    return [value / largest for value in values]
