"""A cheap invariant expression, moved out of the loop."""


def scaled(values, width, margin):
    result = []
    for value in values:
        result.append(value * (width - margin))
    return result
