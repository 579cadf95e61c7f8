"""Aliasing of a result with an argument: nothing to remove, so no copy."""


def without(items, unwanted):
    return [item for item in items if item != unwanted]
