"""Unicode: half a character that no encoding writes."""


def size(texts: list[str]) -> int:
    return sum(len(text.encode("utf-8", "ignore")) for text in texts)
