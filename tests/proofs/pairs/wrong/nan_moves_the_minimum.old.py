"""NaN: sorted and min leave it in different places."""


def lowest(values: list[float]) -> float:
    if not values:
        return 0.0
    return sorted(values)[0]
