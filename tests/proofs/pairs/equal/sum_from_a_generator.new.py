"""sum([…]) replaced by sum(…): less memory, and no less time."""


def total_length(words: list[str]) -> int:
    return sum(len(word) for word in words)
