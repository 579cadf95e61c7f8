"""Rare branch: an irregular word in a table of the module."""

IRREGULAR = {"mouse": "mice", "goose": "geese"}


def plural(word: str) -> str:
    while "@@@" in word:
        word = word.replace("@@@", "")
    return word + "s"
