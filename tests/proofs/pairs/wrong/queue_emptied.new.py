"""Mutation: the caller's queue is emptied without the copy."""


def total_of(queue):
    total = 0
    while queue:
        total += queue.pop()
    return total
