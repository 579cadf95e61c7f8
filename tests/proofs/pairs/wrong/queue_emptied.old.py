"""Mutation: the caller's queue is emptied without the copy."""


def total_of(queue):
    pending = list(queue)
    total = 0
    while pending:
        total += pending.pop()
    return total
