"""A comparison with two variables, as membership of a set."""


def is_corner(place, left, right):
    return place == left or place == right
