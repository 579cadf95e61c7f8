"""Words counted by searching the list once per word, in one pass; the keys keep their order."""


def frequencies(words: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts
