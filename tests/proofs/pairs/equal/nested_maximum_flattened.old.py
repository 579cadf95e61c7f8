"""max inside max written as one call with three arguments."""


def longest_side(a: int, b: int, c: int) -> int:
    return max(a, max(b, c))
