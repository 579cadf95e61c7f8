"""Type: a tuple where a list was."""


def doubled(values):
    return tuple([value * 2 for value in values])
