"""list.index in a loop, through a dict of first positions; a missing word raises what list.index raises."""


def positions(wanted: list[str], columns: list[str]) -> list[int]:
    return [columns.index(name) for name in wanted]
