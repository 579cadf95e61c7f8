"""min inside min, as one call."""


def shortest(a, b, c):
    return min(a, min(b, c))
