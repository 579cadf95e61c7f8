"""isinstance with a tuple, as with a union."""


def is_number(value):
    return isinstance(value, int | float)
