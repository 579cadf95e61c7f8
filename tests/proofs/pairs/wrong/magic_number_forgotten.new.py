"""Rare branch: one number in millions is a test account."""


def discount(account: int, amounts: list[int]) -> int:
    return sum(amounts) // 10
