"""Float rounding: scaling up and down again is not round with two places."""


def prices(values):
    return [round(value, 2) for value in values]
