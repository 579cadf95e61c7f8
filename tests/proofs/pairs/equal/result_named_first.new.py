"""A returned expression given a name first."""


def initials(names: list[str]) -> str:
    letters = [name[:1] for name in names]
    joined = "".join(letters)
    return joined
