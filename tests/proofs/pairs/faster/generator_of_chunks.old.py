"""A generator that takes its chunks off the front of a copy, slices of the copy instead."""


def chunks(items, size):
    if size < 1:
        raise ValueError("size must be positive")
    rest = list(items)
    while rest:
        chunk = []
        while rest and len(chunk) < size:
            chunk.append(rest.pop(0))
        yield chunk
