"""Rare branch: a line as wide as the page is not cut."""


def fit(line: str) -> str:
    if len(line) < 72:
        return line[::-1]
    return line[:72][::-1] + "..."
