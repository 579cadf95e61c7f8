"""The first pair of places with a given sum, by places of the partner instead of a second loop."""


def pair_with_sum(values: list[int], target: int) -> tuple[int, int] | None:
    for first in range(len(values)):
        for second in range(first + 1, len(values)):
            if values[first] + values[second] == target:
                return first, second
    return None
