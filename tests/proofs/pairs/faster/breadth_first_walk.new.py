"""A walk over a graph with a list as queue and as memory, with a deque and a set instead."""

from collections import deque


def reachable(graph, start):
    seen = {start: None}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for neighbour in graph.get(node, ()):
            if neighbour not in seen:
                seen[neighbour] = None
                queue.append(neighbour)
    return list(seen)
