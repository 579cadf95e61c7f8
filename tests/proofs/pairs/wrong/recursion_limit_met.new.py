"""Recursion limit: deep lists were walked with a queue of our own, a slow one."""


def depth(tree: list) -> int:
    return 1 + max([depth(child) for child in tree if isinstance(child, list)], default=0)
