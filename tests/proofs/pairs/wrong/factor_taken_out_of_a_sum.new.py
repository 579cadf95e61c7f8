"""Float rounding: a factor taken out of a sum rounds once instead of each time."""


def gross(prices: list[float], rate: float) -> float:
    return sum(prices) * rate
