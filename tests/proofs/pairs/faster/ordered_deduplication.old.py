"""Quadratic de-duplication that keeps the first of each, through the order of a dict instead."""


def unique(words: list[str]) -> list[str]:
    result: list[str] = []
    for word in words:
        if word not in result:
            result.append(word)
    return result
