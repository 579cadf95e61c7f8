"""range(len(x)) with the item looked up, as enumerate."""


def weighted(values):
    result = 0
    for place in range(len(values)):
        result += place * values[place]
    return result
