"""The first pair of places with a given sum, by places of the partner instead of a second loop."""

from bisect import bisect_right


def pair_with_sum(values: list[int], target: int) -> tuple[int, int] | None:
    places: dict[int, list[int]] = {}
    for place, value in enumerate(values):
        places.setdefault(value, []).append(place)
    for first, value in enumerate(values):
        partners = places.get(target - value)
        if partners and partners[-1] > first:
            return first, partners[bisect_right(partners, first)]
    return None
