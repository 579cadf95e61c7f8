"""sorted written as a copy and a sort, which is what it does."""


def ordered(values: list[int]) -> list[int]:
    result = list(values)
    result.sort()
    return result
