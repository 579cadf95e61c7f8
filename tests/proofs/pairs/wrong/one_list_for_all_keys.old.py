"""Aliasing of results: fromkeys gives every key the same empty list."""


def empty_groups(names: list[str]) -> dict[str, list[int]]:
    return {name: [] for name in names}
