"""sum of a list, as sum of a generator."""


def total(values):
    return sum(value * value for value in values)
