"""Unicode: half a character that no encoding writes."""


def size(texts: list[str]) -> int:
    total = 0
    for text in texts:
        for letter in text:
            total += 1 if ord(letter) < 0x80 else 2 if ord(letter) < 0x800 else 3 if ord(letter) < 0x10000 else 4
    return total
