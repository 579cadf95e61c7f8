"""An assignment moved into the condition."""


def longest(words: list[str]) -> int:
    best = 0
    for word in words:
        size = len(word)
        if size > best:
            best = size
    return best
