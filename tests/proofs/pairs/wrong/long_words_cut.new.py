"""Rare branch at large sizes: only texts beyond eighty characters show it."""


def shortened(text: str) -> str:
    return text if len(text) <= 80 else text[:80]
