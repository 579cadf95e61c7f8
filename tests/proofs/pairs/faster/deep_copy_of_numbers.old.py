"""A deep copy of a list of numbers, which a plain copy equals."""

import copy


def snapshot(values: list[int]) -> list[int]:
    return copy.deepcopy(values)
