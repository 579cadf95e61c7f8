"""The head of a list sorted downwards, from a heap; a negative count is refused before."""


def leaders(scores, *, count=3):
    if count < 0:
        raise ValueError("count must not be negative")
    return sorted(scores, reverse=True)[:count]
