"""Mutation and aliasing: the defaults themselves are changed and handed back."""


def with_defaults(options: dict[str, int], defaults: dict[str, int]) -> dict[str, int]:
    defaults.update(options)
    return defaults
