"""Two conditions joined by `and`, one inside the other instead."""


def in_range(values: list[int]) -> list[int]:
    result = []
    for value in values:
        if value >= 10:
            if value < 90:
                result.append(value)
    return result
