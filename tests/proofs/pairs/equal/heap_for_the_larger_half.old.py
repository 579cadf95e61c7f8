"""Half of a sorted list taken from a heap: for so many, sorting was the better way."""


def smaller_half(values: list[int]) -> list[int]:
    return sorted(values)[: len(values) // 2]
