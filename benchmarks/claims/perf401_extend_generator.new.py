"""A loop that appends, as extend with a generator."""


def doubled(values):
    result = []
    result.extend(value * 2 for value in values)
    return result
