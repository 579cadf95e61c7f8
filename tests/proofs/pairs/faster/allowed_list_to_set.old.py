"""A list searched once per item, made a set first; both hold strings."""


def permitted(names: list[str], allowed: list[str]) -> list[str]:
    return [name for name in names if name in allowed]
