"""A loop that fills a dict, as a comprehension."""


def lengths(words):
    result = {}
    for word in words:
        result[word] = len(word)
    return result
