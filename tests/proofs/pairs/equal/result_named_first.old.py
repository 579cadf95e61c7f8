"""A returned expression given a name first."""


def initials(names: list[str]) -> str:
    return "".join([name[:1] for name in names])
