"""Type: an int where a bool was, truthy alike."""


def mentions(text: str, word: str) -> bool:
    return any(part == word for part in text.split(" "))
