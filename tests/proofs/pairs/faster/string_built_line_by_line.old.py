"""A string built with += in a loop, joined at once instead."""


def numbered(lines: list[str]) -> str:
    text = ""
    for line in lines:
        text = text + line + "\n"
    return text
