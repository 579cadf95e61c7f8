"""Formatting: a float in the shortest form that is exact."""


def spelled(values: list[float]) -> str:
    text = ""
    for value in values:
        text = text + str(value) + ";"
    return text
