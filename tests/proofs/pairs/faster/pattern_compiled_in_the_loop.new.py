"""A constant pattern handed to re in a loop, compiled once when the module is read."""

import re

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def dates(lines):
    found = []
    for line in lines:
        match = _DATE.match(line)
        if match:
            found.append(match.group())
    return found
