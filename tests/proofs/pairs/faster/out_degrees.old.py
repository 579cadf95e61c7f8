"""Edges gone through once per node, once in all."""


def out_degrees(nodes: list[str], edges: list[tuple[str, str]]) -> dict[str, int]:
    return {node: sum(1 for start, _ in edges if start == node) for node in nodes}
