"""Type: a dict where its subclass was; only a missing key tells them apart."""

from collections import Counter


def letters(text: str) -> Counter[str]:
    counts = {}
    for letter in text:
        counts[letter] = counts.get(letter, 0) + 1
    return counts
