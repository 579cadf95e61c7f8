"""A loop that appends, replaced by extend with a generator: the generator costs more than the calls saved."""


def evens(values: list[int]) -> list[int]:
    result = []
    result.extend(value for value in values if value % 2 == 0)
    return result
