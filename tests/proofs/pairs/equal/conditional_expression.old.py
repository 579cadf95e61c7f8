"""An if statement written as an expression."""


def signs(values: list[int]) -> list[int]:
    result = []
    for value in values:
        if value < 0:
            sign = -1
        else:
            sign = 1
        result.append(sign)
    return result
