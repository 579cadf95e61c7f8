"""Membership of a tuple of constants, as of a set: the first is a hit."""


def is_vowel(letter):
    return letter in {"a", "e", "i", "o", "u"}
