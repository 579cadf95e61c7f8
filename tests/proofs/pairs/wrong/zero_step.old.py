"""Numbers: stepping by a negative step."""


def count_between(start: int, stop: int, step: int) -> int:
    if step == 0:
        raise ValueError("step must not be zero")
    start, stop = start % 1000, stop % 1000
    count = 0
    while start < stop if step > 0 else start > stop:
        count += 1
        start += step
    return count
