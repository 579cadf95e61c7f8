"""Two loops that yield written as yield from."""

from collections.abc import Iterator


def both(first: list[int], second: list[int]) -> Iterator[int]:
    yield from first
    yield from second
