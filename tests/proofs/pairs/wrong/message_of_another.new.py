"""Exception message: the number's own complaint in place of ours."""


def parsed(fields: list[str]) -> list[int]:
    return list(map(int, fields))
