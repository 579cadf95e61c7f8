"""Regular expressions: a dot does not stand for a newline."""

import re

_BETWEEN = re.compile("<(.*?)>")


def between(text: str) -> str:
    found = _BETWEEN.search(text)
    return found.group(1) if found else ""
