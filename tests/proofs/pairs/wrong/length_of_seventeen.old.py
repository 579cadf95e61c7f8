"""Rare branch: a batch of exactly seventeen items is padded."""


def batched(items: list[int]) -> list[int]:
    result: list[int] = []
    if len(items) == 17:
        result.append(0)
    for item in items:
        result = result + [item * 2]
    return result
