"""A cheap invariant expression, moved out of the loop."""


def scaled(values, width, margin):
    result = []
    inner = width - margin
    for value in values:
        result.append(value * inner)
    return result
