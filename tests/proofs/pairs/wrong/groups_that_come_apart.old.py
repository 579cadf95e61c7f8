"""Rare order: groupby only gathers neighbours."""

from itertools import groupby


def by_initial(words):
    groups = {}
    for initial in dict.fromkeys([word[:1] for word in words]):
        groups[initial] = [word for word in words if word[:1] == initial]
    return groups
