"""Recursion limit: deep lists were walked with a queue of our own, a slow one."""


def depth(tree: list) -> int:
    deepest = 0
    queue = [(tree, 1)]
    while queue:
        (node, level), *queue = queue
        deepest = max(deepest, level)
        for child in node:
            if isinstance(child, list):
                queue.append((child, level + 1))
    return deepest
