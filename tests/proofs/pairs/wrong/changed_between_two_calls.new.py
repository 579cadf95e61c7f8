"""Shared state: an answer kept for an object that is changed between two calls."""

from weakref import WeakKeyDictionary

_known = WeakKeyDictionary()


class Graph:
    def __init__(self) -> None:
        self.edges: list[tuple[int, int]] = []

    def connect(self, one: int, other: int) -> None:
        self.edges.append((one, other))

    def degrees(self) -> dict[int, int]:
        if self not in _known:
            found: dict[int, int] = {}
            for edge in self.edges:
                for node in edge:
                    found[node] = found.get(node, 0) + 1
            _known[self] = found
        return dict(_known[self])
