"""Sums of a sliding window, carried along from window to window; whole numbers lose nothing by that."""


def window_sums(values, width):
    if width < 1:
        raise ValueError("width must be positive")
    return [sum(values[start : start + width]) for start in range(len(values) - width + 1)]
