"""Off by one at size one: a single sample has no spread, which was an error."""


def spread(samples: list[int]) -> int:
    if len(samples) < 2:
        raise ValueError("two samples at least")
    ordered = sorted(samples)
    return ordered[-1] - ordered[0]
