"""A for loop counted by hand."""


def total(values: list[int]) -> int:
    result = 0
    place = 0
    while place < len(values):
        result += values[place]
        place += 1
    return result
