"""Float rounding: scaling up and down again is not round with two places."""


def prices(values):
    return [int(value * 100 + 0.5) / 100 for value in values]
