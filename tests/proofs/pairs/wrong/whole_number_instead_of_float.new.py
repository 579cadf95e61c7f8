"""Type: a mean that is whole comes back as an int."""


def mean(values: list[int]) -> float:
    if not values:
        return 0.0
    whole, rest = divmod(sum(values), len(values))
    return whole if not rest else sum(values) / len(values)
