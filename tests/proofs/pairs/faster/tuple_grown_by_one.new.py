"""A tuple copied for each item, made once from a list."""


def squares(values: list[int]) -> tuple[int, ...]:
    return tuple([value * value for value in values])
