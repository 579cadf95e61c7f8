"""Rare branch: a line as wide as the page is not cut."""


def fit(line: str) -> str:
    out = ""
    if len(line) <= 72:
        for letter in line:
            out = letter + out
        return out
    for letter in line[:72]:
        out = letter + out
    return out + "..."
