"""Numbers: the mean of two large whole numbers."""


def middle(numbers: list[int]) -> int:
    left = list(numbers)
    while len(left) > 2:
        left.remove(min(left))
        left.remove(max(left))
    return sum(left) // len(left) if left else 0
