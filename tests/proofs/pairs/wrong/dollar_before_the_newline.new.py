"""Regular expressions: the end of a text and the newline before it."""

import re

_CODE = re.compile(r"^[A-Z0-9]+$")


def is_code(text: str) -> bool:
    return _CODE.match(text) is not None
