"""An exponential recursion on two predecessors, walked upwards instead; the range is checked before."""


def ways(steps: int) -> int:
    if not 0 <= steps <= 18:
        raise ValueError("steps out of range")
    before, here = 1, 1
    for _ in range(2, steps + 1):
        before, here = here, before + here
    return here
