"""A for loop counted by hand."""


def total(values: list[int]) -> int:
    result = 0
    for place in range(len(values)):
        result += values[place]
    return result
