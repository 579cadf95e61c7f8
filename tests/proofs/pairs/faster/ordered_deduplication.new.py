"""Quadratic de-duplication that keeps the first of each, through the order of a dict instead."""


def unique(words: list[str]) -> list[str]:
    return list(dict.fromkeys(words))
