"""any of a list, as any of a generator: the first is a hit."""


def has_negative(values):
    return any(value < 0 for value in values)
