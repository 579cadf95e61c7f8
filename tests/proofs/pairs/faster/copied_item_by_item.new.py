"""A loop that appends every item, a plain copy instead."""


def copied(values: list[int]) -> list[int]:
    return list(values)
