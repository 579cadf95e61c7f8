"""Nested function: a default bound in a loop is not a name looked up later."""


def scaled(values: list[int], factors: list[int]) -> list[list[int]]:
    scalers = []
    for factor in factors:
        scalers.append(lambda value: value * factor)
    return [list(map(scale, values)) for scale in scalers]
