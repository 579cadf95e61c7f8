"""Floats: x * x grows to infinity, x ** 2 raises."""


def energy(samples: list[float]) -> float:
    total = 0.0
    for sample in samples:
        square = sample * sample
        total = total + square
    return total
