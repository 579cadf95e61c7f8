"""`a <= x and x < b` written as one chain."""


def inside(points: list[tuple[int, int]], size: int) -> int:
    count = 0
    for x, y in points:
        if 0 <= x and x < size and 0 <= y and y < size:
            count += 1
    return count
