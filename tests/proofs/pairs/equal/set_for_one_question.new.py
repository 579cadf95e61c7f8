"""A list made a set for a single search."""


def is_member(names: list[str], name: str) -> bool:
    return name in set(names)
