"""A docstring and hints added, which nobody runs."""


def running(values):
    best = None
    result = []
    for value in values:
        if best is None or value > best:
            best = value
        result.append(best)
    return result
