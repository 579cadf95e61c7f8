"""Laziness and type: a shortcut by len where any iterable was welcome, and one item was enough."""

from collections.abc import Iterable


def is_empty(items: Iterable[int]) -> bool:
    return not items
