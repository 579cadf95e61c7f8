"""A loop that appends every item, a plain copy instead."""


def copied(values: list[int]) -> list[int]:
    result = []
    for value in values:
        result.append(value)
    return result
