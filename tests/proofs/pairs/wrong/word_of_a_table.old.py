"""Rare branch: an irregular word in a table of the module."""

IRREGULAR = {"mouse": "mice", "goose": "geese"}


def plural(word: str) -> str:
    out = ""
    for letter in IRREGULAR.get(word, word):
        out += letter
    for _ in range(100):
        out = out.replace("@@@", "")
    return out if word in IRREGULAR else out + "s"
