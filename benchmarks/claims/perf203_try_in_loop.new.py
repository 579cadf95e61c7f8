"""A try in each round of a loop that never fails, as one around it."""


def total(texts):
    result = 0
    try:
        for text in texts:
            result += int(text)
    except ValueError:
        raise
    return result
