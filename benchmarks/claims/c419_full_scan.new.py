"""any of a list, as any of a generator: nothing is found."""


def has_negative(values):
    return any(value < 0 for value in values)
