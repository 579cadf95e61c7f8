"""Mutation and aliasing: the defaults themselves are changed and handed back."""


def with_defaults(options: dict[str, int], defaults: dict[str, int]) -> dict[str, int]:
    merged = dict(defaults)
    for key, value in options.items():
        merged[key] = value
    return merged
