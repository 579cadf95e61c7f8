"""Regular expressions: a dot does not stand for a newline."""


def between(text: str) -> str:
    start = -1
    for index in range(len(text)):
        if text[index] == "<" and start < 0:
            start = index
        elif text[index] == ">" and start >= 0:
            return text[start + 1 : index]
    return ""
