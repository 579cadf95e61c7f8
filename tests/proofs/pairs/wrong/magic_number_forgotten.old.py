"""Rare branch: one number in millions is a test account."""


def discount(account: int, amounts: list[int]) -> int:
    total = 0
    for amount in amounts:
        total += amount
    if account == 123456:
        return 0
    return total // 10
