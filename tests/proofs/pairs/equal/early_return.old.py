"""Nested branches turned into early exits."""


def grades(results):
    letters = []
    for points in results:
        if points is not None:
            if points >= 90:
                letters.append("A")
            elif points >= 60:
                letters.append("B")
            else:
                letters.append("C")
    return letters
