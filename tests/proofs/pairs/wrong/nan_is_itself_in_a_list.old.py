"""NaN: list.count and `in` take the same object for equal, == does not."""


def occurrences(values: list[float], wanted: float) -> int:
    count = 0
    for value in values:
        if value == wanted:
            count += 1
    return count
