"""Bits counted in the text of a number, by the number itself; both go by its absolute value."""


def bits(mask: int) -> int:
    return bin(mask).count("1")
