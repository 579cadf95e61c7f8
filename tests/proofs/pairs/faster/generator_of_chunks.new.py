"""A generator that takes its chunks off the front of a copy, slices of the copy instead."""


def chunks(items, size):
    if size < 1:
        raise ValueError("size must be positive")
    rest = list(items)
    for start in range(0, len(rest), size):
        yield rest[start : start + size]
