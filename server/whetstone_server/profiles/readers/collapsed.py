"""Collapsed stacks, one per line with its count: `py-spy record -f raw`, austin, perf's `stackcollapse`.

https://github.com/brendangregg/FlameGraph
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_server.profiles.profile import Frame, NotAProfile, Profile, from_stacks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME = "collapsed stacks"
_STACK = re.compile(r"(?P<stack>\S.*) (?P<count>\d+(?:\.\d+)?)")
_PY_SPY = re.compile(r"(?P<function>.*) \((?P<file>[^()]*?)(?::(?P<line>\d+))?\)")
"""`build_report (orders/report.py:12)`, or without the line."""
_AUSTIN = re.compile(r"(?P<file>.*?\.pyw?):(?P<function>[^:]*)(?::(?P<line>\d+))?")
"""`/app/orders/report.py:build_report:12`."""


def begins(head: bytes) -> bool:
    """Whether the first line that is not a comment is a stack, whose count may lie beyond the head."""
    lines = head.decode("utf-8", "replace").splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return ";" in first or _STACK.fullmatch(first.rstrip()) is not None


def read(content: bytes) -> Profile:
    """Return own time by function, in whatever the counts count."""
    return from_stacks("collapsed stacks", _stacks(content.decode("utf-8", "replace")))


def _stacks(text: str) -> Iterator[tuple[Sequence[Frame], float]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        stack = _STACK.fullmatch(line.rstrip())
        if stack is None:
            raise NotAProfile(f"line {number} is not a stack with a count")
        yield [_frame(frame) for frame in stack["stack"].split(";")], float(stack["count"])


def _frame(text: str) -> Frame:
    found = _PY_SPY.fullmatch(text) or _AUSTIN.fullmatch(text)
    if found is None:
        return Frame(text, "", None)
    return Frame(found["function"], found["file"], int(found["line"]) if found["line"] else None)
