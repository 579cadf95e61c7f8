"""Shared state: a cache hands every caller the same list."""

from functools import lru_cache


@lru_cache(maxsize=None)
def divisors(number: int) -> list[int]:
    if not 0 <= number <= 5000:
        raise ValueError("out of range")
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]
