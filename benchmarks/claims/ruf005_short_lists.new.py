"""Two short lists added, as one list with two stars."""


def joined(first, second):
    return [*first, *second]
