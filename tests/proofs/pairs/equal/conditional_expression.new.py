"""An if statement written as an expression."""


def signs(values: list[int]) -> list[int]:
    result = []
    for value in values:
        sign = -1 if value < 0 else 1
        result.append(sign)
    return result
