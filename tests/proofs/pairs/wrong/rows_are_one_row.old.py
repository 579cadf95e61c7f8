"""Aliasing of results: every row of the new grid is the same list."""


def grid(width: int, height: int) -> list[list[int]]:
    if not 0 <= width <= 500 or not 0 <= height <= 500:
        raise ValueError("too large")
    return [[0] * width for _ in range(height)]
