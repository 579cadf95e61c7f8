"""A loop over a set of constants, as over a tuple."""


def separators(text):
    count = 0
    for mark in (",", ";", ":"):
        count += text.count(mark)
    return count
