"""An exponential recursion on two predecessors, walked upwards instead; the range is checked before."""


def ways(steps: int) -> int:
    if not 0 <= steps <= 18:
        raise ValueError("steps out of range")

    def count(left):
        if left < 2:
            return 1
        return count(left - 1) + count(left - 2)

    return count(steps)
