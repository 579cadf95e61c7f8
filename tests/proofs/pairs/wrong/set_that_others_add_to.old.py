"""Shared state: a set of the module that other functions add to."""

_banned: set[str] = {"spam"}


def ban(word: str) -> None:
    _banned.add(word)


def clean(words: list[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        if word not in list(_banned):
            kept = kept + [word]
    return kept
