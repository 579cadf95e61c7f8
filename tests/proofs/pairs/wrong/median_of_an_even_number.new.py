"""Numbers: the mean of two large whole numbers."""


def middle(numbers: list[int]) -> int:
    left = sorted(numbers)
    half = len(left) // 2
    if not left:
        return 0
    return left[half] if len(left) % 2 else int((left[half - 1] + left[half]) / 2)
