"""range(len(x)) replaced by enumerate: tidier, and no faster on current interpreters."""


def marked(words: list[str]) -> list[str]:
    result = []
    for place, word in enumerate(words):
        if place % 2:
            result.append(word)
    return result
