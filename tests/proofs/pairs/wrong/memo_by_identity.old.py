"""Shared state: remembered by the identity of a list that may change between two calls."""


def total(rows: list[int]) -> int:
    result = 0
    for index in range(len(rows)):
        for other in rows[index:]:
            result += other
    return result
