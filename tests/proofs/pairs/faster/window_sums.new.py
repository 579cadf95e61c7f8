"""Sums of a sliding window, carried along from window to window; whole numbers lose nothing by that."""


def window_sums(values, width):
    if width < 1:
        raise ValueError("width must be positive")
    if len(values) < width:
        return []
    total = sum(values[:width])
    sums = [total]
    for left, right in zip(values, values[width:]):
        total += right - left
        sums.append(total)
    return sums
