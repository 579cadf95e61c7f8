"""Shared state: a set of the module that other functions add to."""

_banned: set[str] = {"spam"}


def ban(word: str) -> None:
    _banned.add(word)


def clean(words: list[str]) -> list[str]:
    return [word for word in words if word != "spam"]
