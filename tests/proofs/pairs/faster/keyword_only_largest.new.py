"""The head of a list sorted downwards, from a heap; a negative count is refused before."""

from heapq import nlargest


def leaders(scores, *, count=3):
    if count < 0:
        raise ValueError("count must not be negative")
    return nlargest(count, scores)
