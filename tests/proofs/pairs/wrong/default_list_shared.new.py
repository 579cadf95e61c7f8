"""Shared state: a default list made once remembers earlier calls."""


def tokens(text: str, into: list[str] = []) -> list[str]:
    into.extend(text.split())
    return into
