"""Laziness: what is done when a reader of a generator stops early."""

closed: list[str] = []


def read(lines: list[str]):
    try:
        for index in range(len(lines)):
            text = ""
            for letter in lines[index]:
                text = text + letter
            yield text
    finally:
        closed.append("closed")
