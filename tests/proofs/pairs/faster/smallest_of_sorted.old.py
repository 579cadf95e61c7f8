"""The first of a sorted copy, found with min; the empty list is met before."""


def lowest(values: list[int]) -> int | None:
    if not values:
        return None
    return sorted(values)[0]
