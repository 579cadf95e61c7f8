"""Lines looked through by index and find, by iteration and `in` instead."""


def matching(text: str, needle: str = "ERROR") -> list[str]:
    lines = text.split("\n")
    found = []
    for number in range(len(lines)):
        if lines[number].find(needle) != -1:
            found.append(lines[number])
    return found
