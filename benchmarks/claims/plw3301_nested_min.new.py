"""min inside min, as one call."""


def shortest(a, b, c):
    return min(a, b, c)
