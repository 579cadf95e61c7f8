"""Wrong order: a set forgets which word came first."""


def unique(words: list[str]) -> list[str]:
    return list(set(words))
