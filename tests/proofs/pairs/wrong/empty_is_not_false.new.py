"""Empty input and type: `items and …` of an empty list is the list."""


def has_large(sizes: list[int]) -> bool:
    return sizes and max(sizes) > 100
