"""A list sorted after each append, sorted once at the end; both keep equal ones as they came."""


def ordered(values):
    result = []
    for value in values:
        result.append(value)
        result.sort()
    return result
