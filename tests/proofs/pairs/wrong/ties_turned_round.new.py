"""Sort ties: reversing a sorted list turns equal keys round, reverse=True does not."""


def by_length(words):
    return sorted(words, key=len)[::-1]
