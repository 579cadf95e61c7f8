"""Laziness: the new generator reads its whole input before it yields."""

from collections.abc import Iterable, Iterator


def stripped(lines: Iterable[str]) -> Iterator[str]:
    yield from [bare for bare in map(str.strip, lines) if bare]
