"""Recursion limit: deep lists were walked with a stack of our own."""


def depth(tree: list) -> int:
    deepest = 0
    stack = [(tree, 1)]
    while stack:
        node, level = stack.pop(0)
        deepest = max(deepest, level)
        for child in node:
            if isinstance(child, list):
                stack.append((child, level + 1))
    return deepest
