"""A loop that fills a dict, as a comprehension."""


def lengths(words):
    return {word: len(word) for word in words}
