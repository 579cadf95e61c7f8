"""Laziness: what is done when a reader of a generator stops early."""

closed: list[str] = []


def read(lines: list[str]):
    yield from lines
    closed.append("closed")
