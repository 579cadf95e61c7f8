"""isinstance with a tuple of types, with a union: it is made anew for each call."""


def is_text(value: object) -> bool:
    return isinstance(value, (str, bytes))
