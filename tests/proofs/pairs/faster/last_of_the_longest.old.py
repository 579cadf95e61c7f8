"""Lines sorted by length for the last one, searched backwards for the first longest."""


def last_longest(lines: list[str]) -> str:
    if not lines:
        return ""
    return sorted(lines, key=len)[-1]
