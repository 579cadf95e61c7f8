"""Float rounding: a window sum carried along keeps the errors of all windows before."""


def window_sums(values: list[float]) -> list[float]:
    return [sum(values[start : start + 8]) for start in range(len(values) - 7)]
