"""Float rounding: a window sum carried along keeps the errors of all windows before."""


def window_sums(values: list[float]) -> list[float]:
    if len(values) < 8:
        return []
    total = sum(values[:8])
    sums = [total]
    for left, right in zip(values, values[8:]):
        total += right - left
        sums.append(total)
    return sums
