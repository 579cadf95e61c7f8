"""list.index in a loop, through a dict of first positions; a missing word raises what list.index raises."""


def positions(wanted: list[str], columns: list[str]) -> list[int]:
    first: dict[str, int] = {}
    for position, name in enumerate(columns):
        first.setdefault(name, position)
    return [first[name] if name in first else columns.index(name) for name in wanted]
