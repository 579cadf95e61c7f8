"""Large inputs only: beyond a thousand items the duplicates are looked for among neighbours only."""


def unique(items: list[int]) -> int:
    if len(items) > 1000:
        return 1 + sum(one != other for one, other in zip(items, items[1:]))
    return len(set(items))
