"""Membership of a tuple with one item, as a comparison."""


def is_root(name):
    return name in ("root",)
