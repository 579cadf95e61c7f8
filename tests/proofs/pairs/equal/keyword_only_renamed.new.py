"""A branch on a keyword-only flag turned round."""


def ranked(names: list[str], *, descending: bool = False) -> list[str]:
    if not descending:
        return sorted(names, key=len)
    return sorted(names, key=len, reverse=True)
