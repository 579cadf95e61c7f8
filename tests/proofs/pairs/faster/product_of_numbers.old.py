"""A product by a loop, by math.prod."""


def volume(sides: list[int]) -> int:
    result = 1
    for side in sides:
        result *= side
    return result
