"""Exception: a missing name was an error and becomes None."""


def addresses(names: list[str], book: dict[str, str]) -> list[str]:
    found = []
    for name in names:
        found.append(book[name])
    return found
