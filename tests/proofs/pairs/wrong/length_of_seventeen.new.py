"""Rare branch: a batch of exactly seventeen items is padded."""


def batched(items: list[int]) -> list[int]:
    return [item * 2 for item in items]
