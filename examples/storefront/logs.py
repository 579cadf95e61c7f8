"""The log analyser: what the shop's web server wrote down, and what it means."""

import re


def requests(lines):
    """Return (visitor, page, milliseconds) for every line that tells of a request."""
    found = []
    for line in lines:
        match = re.match(r"(\S+) GET (\S+) (\d+)ms$", line)
        if match:
            found.append((match[1], match[2], int(match[3])))
    return found


def visitors(log):
    """Return who came by, each once, in the order in which they first came."""
    seen = []
    for visitor, _page, _milliseconds in log:
        if visitor not in seen:
            seen.append(visitor)
    return seen


def merged(logs):
    """Return the lines of several logs as one list, one server's after the other's."""
    return sum(logs, [])


def slowest(log):
    """Return the request that took longest."""
    return sorted(log, key=lambda request: -request[2])[0]


def as_text(log):
    """Return the log as a table, one request per line."""
    text = ""
    for visitor, page, milliseconds in log:
        text += visitor.ljust(16) + page.ljust(24)
        text += str(milliseconds).rjust(6) + "\n"
    return text
