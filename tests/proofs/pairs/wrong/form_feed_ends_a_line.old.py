"""Unicode: a form feed and other control characters end a line for splitlines only."""


def lines(text: str) -> list[str]:
    found: list[str] = []
    for line in text.splitlines():
        found = found + [line.strip(" ")]
    return found
