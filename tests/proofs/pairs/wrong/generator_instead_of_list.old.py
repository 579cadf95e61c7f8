"""Type and laziness: a generator where a list was costs nothing, because it has done nothing."""


def lengths(words: list[str]) -> list[int]:
    return [len(word.strip()) for word in words]
