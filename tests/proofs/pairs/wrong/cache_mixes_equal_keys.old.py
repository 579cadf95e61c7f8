"""Shared state and type: to a cache 1, 1.0 and True are the same argument."""


def label(value: float) -> str:
    text = ""
    for digit in repr(value):
        text += digit
    return "value " + text
