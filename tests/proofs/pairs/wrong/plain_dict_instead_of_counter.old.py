"""Type: a dict where its subclass was; only a missing key tells them apart."""

from collections import Counter


def letters(text: str) -> Counter[str]:
    counts = Counter()
    for letter in text:
        counts[letter] += 1
    return counts
