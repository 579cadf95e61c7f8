"""The delivery planner: a walk through the streets around the shop."""


def distances(streets, start):
    """Return how many streets away each corner is; those that cannot be reached are left out."""
    away = {start: 0}
    waiting = [start]
    while waiting:
        corner = waiting.pop(0)
        for near in streets[corner]:
            if near not in away:
                away[near] = away[corner] + 1
                waiting.append(near)
    return away


def shortest_ways(east, north):
    """Return how many shortest ways lead to the corner so many blocks to the east and to the north."""
    if east == 0 or north == 0:
        return 1
    return shortest_ways(east - 1, north) + shortest_ways(east, north - 1)
