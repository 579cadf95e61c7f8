"""Recursion limit: deep lists were walked with a stack of our own."""


def depth(tree: list) -> int:
    return 1 + max([depth(child) for child in tree if isinstance(child, list)], default=0)
