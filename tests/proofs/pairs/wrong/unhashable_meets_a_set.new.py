"""Unhashable: a list may be looked for in a tuple of words, in a set it may not."""


def is_keyword(value: object) -> bool:
    return value in {"and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del"}
