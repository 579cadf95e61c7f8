"""Shared state: an answer kept for an object that is changed between two calls."""


class Graph:
    def __init__(self) -> None:
        self.edges: list[tuple[int, int]] = []

    def connect(self, one: int, other: int) -> None:
        self.edges.append((one, other))

    def degrees(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for one, other in self.edges:
            for node in (one, other):
                found[node] = sum((node == a) + (node == b) for a, b in self.edges)
        return found
