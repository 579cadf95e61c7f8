"""A walk over a graph with a list as queue and as memory, with a deque and a set instead."""


def reachable(graph, start):
    seen = [start]
    queue = [start]
    while queue:
        node = queue.pop(0)
        for neighbour in graph.get(node, ()):
            if neighbour not in seen:
                seen.append(neighbour)
                queue.append(neighbour)
    return seen
