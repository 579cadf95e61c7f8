"""Off by one: a search that never looks past the last place."""


def insertion_point(ordered, value):
    place = 0
    for item in ordered:
        if item >= value:
            return place
        place += 1
    return place
