"""A lambda given a name of its own."""


def by_second(pairs):
    return sorted(pairs, key=lambda pair: pair[1])
