"""A loop that appends, as a comprehension: three items."""


def doubled(values):
    return [value * 2 for value in values]
