"""A comprehension replaced by map and a lambda: one call more per item."""


def doubled(values: list[int]) -> list[int]:
    return [value * 2 for value in values]
