"""tuple([…]) replaced by tuple(…): the list was built faster than a generator is run."""


def squares(values: list[int]) -> tuple[int, ...]:
    return tuple(value * value for value in values)
