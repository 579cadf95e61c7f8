"""A string reversed letter by letter, by a slice instead."""


def mirrored(text: str) -> str:
    return text[::-1]
