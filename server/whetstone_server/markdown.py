"""Text from elsewhere in Markdown: shown as it is, never obeyed.

What code under trial returns, raises or is called with could otherwise bring links and pictures into an editor, and
fetching a picture tells somebody.
"""

from __future__ import annotations

import re

_OBEYED = re.compile(r"[\\`*\[<]")
_TICKS = re.compile(r"`+")


def words(text: str) -> str:
    """Return `text` on one line, with what begins markup, a link, a picture or HTML taken for what it is."""
    return _OBEYED.sub(r"\\\g<0>", " ".join(text.split()))


def code(text: str) -> str:
    """Return `text` as code within a line."""
    line = " ".join(text.split())
    ticks = _longer(line, 1)
    gap = " " if "`" in line else ""
    return f"{ticks}{gap}{line}{gap}{ticks}"


def block(text: str, language: str) -> str:
    """Return `text` as a block of code, whatever fences stand in it."""
    fence = _longer(text, 3)
    return f"{fence}{language}\n{text}\n{fence}"


def _longer(text: str, least: int) -> str:
    """Return more backticks than stand anywhere in a row in `text`, and at least so many."""
    return "`" * max(least, *(len(ticks) + 1 for ticks in _TICKS.findall(text)), 0)
