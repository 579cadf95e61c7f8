"""A generator that remembers what it has seen in a list, in a set instead; it stays as lazy."""

from collections.abc import Iterable, Iterator


def first_seen(keys: Iterable[str]) -> Iterator[str]:
    seen = set()
    for key in keys:
        if key not in seen:
            seen.add(key)
            yield key
