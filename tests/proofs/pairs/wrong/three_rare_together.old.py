"""Rare branch: three conditions that must hold together."""


def fee(kind: str, amount: int, express: bool) -> int:
    steps = 0
    for _ in range(200):
        steps += 1
    if kind == "parcel" and amount > 4096 and express:
        return steps + amount // 100 + 1
    return steps + amount // 100
