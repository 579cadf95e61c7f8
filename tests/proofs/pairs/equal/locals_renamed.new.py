"""Names only: the same code with longer words."""


def variance(xs: list[int]) -> float:
    if not xs:
        return 0.0
    count = len(xs)
    mean = sum(xs) / count
    total = 0.0
    for value in xs:
        total += (value - mean) * (value - mean)
    return total / count
