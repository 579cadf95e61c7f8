"""Floats: x * x grows to infinity, x ** 2 raises."""


def energy(samples: list[float]) -> float:
    return sum([sample**2 for sample in samples], 0.0)
