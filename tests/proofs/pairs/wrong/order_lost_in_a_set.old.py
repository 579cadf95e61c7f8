"""Wrong order: a set forgets which word came first."""


def unique(words: list[str]) -> list[str]:
    result: list[str] = []
    for word in words:
        if word not in result:
            result.append(word)
    return result
