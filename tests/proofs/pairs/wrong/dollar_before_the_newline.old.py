"""Regular expressions: the end of a text and the newline before it."""


def is_code(text: str) -> bool:
    if len(text) == 0:
        return False
    for letter in text:
        if letter not in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789":
            return False
    return True
