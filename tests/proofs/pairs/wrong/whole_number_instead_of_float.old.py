"""Type: a mean that is whole comes back as an int."""


def mean(values: list[int]) -> float:
    if not values:
        return 0.0
    total = 0
    for value in values:
        total += value
    return total / len(values)
