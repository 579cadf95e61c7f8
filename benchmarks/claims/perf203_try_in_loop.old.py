"""A try in each round of a loop that never fails, as one around it."""


def total(texts):
    result = 0
    for text in texts:
        try:
            result += int(text)
        except ValueError:
            raise
    return result
