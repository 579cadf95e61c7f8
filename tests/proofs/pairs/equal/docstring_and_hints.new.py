"""A docstring and hints added, which nobody runs."""


def running(values: "list[int]") -> "list[int]":
    """Return the largest so far, place by place."""
    best: "int | None" = None
    result: "list[int]" = []
    for value in values:
        if best is None or value > best:
            best = value
        result.append(best)
    return result
