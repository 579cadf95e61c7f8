"""Unicode: a form feed and other control characters end a line for splitlines only."""

import re

_ENDS = re.compile("\r\n|\r|\n|\u2028|\u2029|\x85")


def lines(text: str) -> list[str]:
    parts = _ENDS.split(text)
    if parts[-1] == "":
        parts.pop()
    return [part.strip(" ") for part in parts]
