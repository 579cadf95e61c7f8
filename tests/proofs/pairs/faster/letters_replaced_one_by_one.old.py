"""Characters looked up and glued one by one, replaced at once; the ampersand first, for it comes with the others."""

_ESCAPES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def escaped(text: str) -> str:
    result = ""
    for letter in text:
        result += _ESCAPES.get(letter, letter)
    return result
