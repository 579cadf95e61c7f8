"""Pairs of equal words counted by comparing each with each, from how often each occurs."""


def equal_pairs(words):
    pairs = 0
    for first in range(len(words)):
        for second in range(first + 1, len(words)):
            if words[first] == words[second]:
                pairs += 1
    return pairs
