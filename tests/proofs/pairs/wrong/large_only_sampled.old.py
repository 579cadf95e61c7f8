"""Large inputs only: beyond a thousand items the duplicates are looked for among neighbours only."""


def unique(items: list[int]) -> int:
    seen: list[int] = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return len(seen)
