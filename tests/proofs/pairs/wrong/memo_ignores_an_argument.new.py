"""Shared state: what is remembered leaves one argument out of its key."""

_sums: dict[int, int] = {}


def scaled(number: int, base: int = 10) -> int:
    number = abs(number) % 500
    base = abs(base) % 37 + 2
    if number not in _sums:
        _sums[number] = sum(value % base for value in range(number))
    return _sums[number]
