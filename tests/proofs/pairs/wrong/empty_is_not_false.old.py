"""Empty input and type: `items and …` of an empty list is the list."""


def has_large(sizes: list[int]) -> bool:
    if not sizes:
        return False
    return sorted(sizes)[-1] > 100
