"""Edges gone through once per node, once in all."""


def out_degrees(nodes: list[str], edges: list[tuple[str, str]]) -> dict[str, int]:
    degrees = dict.fromkeys(nodes, 0)
    for start, _ in edges:
        if start in degrees:
            degrees[start] += 1
    return degrees
