"""Aliasing of a result with an argument: nothing to remove, so no copy."""


def without(items, unwanted):
    if unwanted not in items:
        return items
    return [item for item in items if item != unwanted]
