"""Names only: the same code with longer words."""


def variance(xs: list[int]) -> float:
    if not xs:
        return 0.0
    n = len(xs)
    m = sum(xs) / n
    s = 0.0
    for x in xs:
        s += (x - m) * (x - m)
    return s / n
