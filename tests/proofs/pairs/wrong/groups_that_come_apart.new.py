"""Rare order: groupby only gathers neighbours."""

from itertools import groupby


def by_initial(words):
    return {initial: list(group) for initial, group in groupby(words, key=lambda word: word[:1])}
