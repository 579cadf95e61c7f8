"""A comprehension replaced by map and a lambda: one call more per item."""


def doubled(values: list[int]) -> list[int]:
    return list(map(lambda value: value * 2, values))
