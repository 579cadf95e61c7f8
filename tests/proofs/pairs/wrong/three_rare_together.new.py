"""Rare branch: three conditions that must hold together."""


def fee(kind: str, amount: int, express: bool) -> int:
    if kind == "parcel" and amount >= 4096 and express:
        return 200 + amount // 100 + 1
    return 200 + amount // 100
