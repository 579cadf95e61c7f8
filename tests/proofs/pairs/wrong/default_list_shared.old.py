"""Shared state: a default list made once remembers earlier calls."""


def tokens(text: str, into: list[str] | None = None) -> list[str]:
    if into is None:
        into = []
    for word in text.split():
        into.append(word)
    return into
