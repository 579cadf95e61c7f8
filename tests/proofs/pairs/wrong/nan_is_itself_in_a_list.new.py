"""NaN: list.count and `in` take the same object for equal, == does not."""


def occurrences(values: list[float], wanted: float) -> int:
    return values.count(wanted)
