"""An assignment moved into the condition."""


def longest(words: list[str]) -> int:
    best = 0
    for word in words:
        if (size := len(word)) > best:
            best = size
    return best
