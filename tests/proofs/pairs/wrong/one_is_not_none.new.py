"""Off by one at size one: a single sample has no spread, which was an error."""


def spread(samples: list[int]) -> int:
    if not samples:
        raise ValueError("two samples at least")
    return max(samples) - min(samples)
