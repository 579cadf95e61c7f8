"""A list sorted anew for each value, kept sorted by insertion after its equals."""

from bisect import insort


def running_medians(values: list[int]) -> list[int]:
    ordered: list[int] = []
    medians = []
    for end, value in enumerate(values, 1):
        insort(ordered, value)
        medians.append(ordered[end // 2])
    return medians
