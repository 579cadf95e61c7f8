"""Nested function: a default bound in a loop is not a name looked up later."""


def scaled(values: list[int], factors: list[int]) -> list[list[int]]:
    scalers = []
    for factor in factors:
        def scale(value, factor=factor):
            return value * factor

        scalers.append(scale)
    return [[scale(value) for value in values] for scale in scalers]
