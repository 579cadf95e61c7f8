"""A branch on a keyword-only flag turned round."""


def ranked(names: list[str], *, descending: bool = False) -> list[str]:
    if descending:
        return sorted(names, key=len, reverse=True)
    else:
        return sorted(names, key=len)
