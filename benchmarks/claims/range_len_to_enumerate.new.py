"""range(len(x)) with the item looked up, as enumerate."""


def weighted(values):
    result = 0
    for place, value in enumerate(values):
        result += place * value
    return result
