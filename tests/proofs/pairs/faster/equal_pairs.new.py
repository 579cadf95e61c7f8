"""Pairs of equal words counted by comparing each with each, from how often each occurs."""

from collections import Counter


def equal_pairs(words):
    return sum(count * (count - 1) // 2 for count in Counter(words).values())
