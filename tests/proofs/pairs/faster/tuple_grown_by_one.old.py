"""A tuple copied for each item, made once from a list."""


def squares(values: list[int]) -> tuple[int, ...]:
    result: tuple[int, ...] = ()
    for value in values:
        result = result + (value * value,)
    return result
