"""Membership of a tuple of ten constants, as of a set: nothing is found."""


def is_keyword(word):
    return word in ("and", "as", "assert", "break", "class", "def", "del", "elif", "else", "for")
