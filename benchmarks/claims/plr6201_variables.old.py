"""Membership of a tuple of variables, as of a set made for each call."""


def is_corner(place, left, right):
    return place in (left, right)
