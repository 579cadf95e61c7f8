"""max inside max written as one call with three arguments."""


def longest_side(a: int, b: int, c: int) -> int:
    sides = [a, b, c]
    return max(sides, key=lambda side: side)
