"""Laziness: the new generator reads its whole input before it yields."""

from collections.abc import Iterable, Iterator


def stripped(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        bare = line.strip()
        if bare:
            yield bare
