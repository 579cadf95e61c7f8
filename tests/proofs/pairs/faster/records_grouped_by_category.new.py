"""Records filtered once per category, sorted into groups in one pass."""

from typing import NamedTuple


class Item(NamedTuple):
    """Something on sale."""

    name: str
    category: str


def by_category(items: list[Item], categories: list[str]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = {category: [] for category in categories}
    for item in items:
        if item.category in groups:
            groups[item.category].append(item)
    return groups
