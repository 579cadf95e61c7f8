"""tuple of a list comprehension, as tuple of a generator."""


def squares(values):
    return tuple([value * value for value in values])
