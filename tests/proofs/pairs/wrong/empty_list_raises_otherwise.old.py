"""Exception type: sorted(x)[0] of nothing is an IndexError, min of nothing a ValueError."""


def lowest(values: list[int]) -> int:
    return sorted(values)[0]
