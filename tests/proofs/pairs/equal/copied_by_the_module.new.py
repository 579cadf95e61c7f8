"""A list copied by slicing, by copy.copy instead."""

import copy


def snapshot(values: list[int]) -> list[int]:
    return copy.copy(values)
