"""Shared state: what is remembered leaves one argument out of its key."""


def scaled(number: int, base: int = 10) -> int:
    number = abs(number) % 500
    base = abs(base) % 37 + 2
    digits = 0
    for value in range(number):
        digits += value % base
    return digits
