"""Mutation: sorting in place saves a copy and disorders the caller's list."""


def median(values: list[int]) -> int:
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
