"""A constant pattern handed to re in a loop, compiled once when the module is read."""

import re


def dates(lines):
    found = []
    for line in lines:
        match = re.match(r"\d{4}-\d\d-\d\d", line)
        if match:
            found.append(match.group())
    return found
