"""Any number of lists added up with sum, chained instead."""

from itertools import chain


def merged(*groups: list[str]) -> list[str]:
    return list(chain.from_iterable(groups))
