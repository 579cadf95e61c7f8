"""Lines looked through by index and find, by iteration and `in` instead."""


def matching(text: str, needle: str = "ERROR") -> list[str]:
    return [line for line in text.split("\n") if needle in line]
