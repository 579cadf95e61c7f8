"""A string built with += in a loop, joined at once instead."""


def numbered(lines: list[str]) -> str:
    return "".join([line + "\n" for line in lines])
