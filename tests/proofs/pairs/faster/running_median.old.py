"""A list sorted anew for each value, kept sorted by insertion after its equals."""


def running_medians(values: list[int]) -> list[int]:
    medians = []
    for end in range(1, len(values) + 1):
        medians.append(sorted(values[:end])[end // 2])
    return medians
