"""A string reversed letter by letter, by a slice instead."""


def mirrored(text: str) -> str:
    result = ""
    for letter in text:
        result = letter + result
    return result
