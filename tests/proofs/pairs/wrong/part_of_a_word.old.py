"""Rare input: a string holds every substring, a tuple only whole words."""


def is_unit(word: str) -> bool:
    return word == "mm" or word == "cm" or word == "dm" or word == "km"
