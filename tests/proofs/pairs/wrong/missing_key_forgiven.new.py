"""Exception: a missing name was an error and becomes None."""


def addresses(names: list[str], book: dict[str, str]) -> list[str]:
    return list(map(book.get, names))
