"""Rare input: a string holds every substring, a tuple only whole words."""


def is_unit(word: str) -> bool:
    return word in "mm cm dm km"
