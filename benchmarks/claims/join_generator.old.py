"""join of a list comprehension, as join of a generator."""


def line(words):
    return " ".join([word.strip() for word in words])
