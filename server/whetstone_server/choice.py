"""Which findings in a file the settings let through."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from whetstone_knowledge import BY_CODE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from whetstone_knowledge import Finding
    from whetstone_server.settings import PerFile, Settings


def chosen(findings: Sequence[Finding], settings: Settings, root: Path | None, path: Path | None) -> Sequence[Finding]:
    """Return those of the findings in the file at `path`, which belongs to the project at `root`, that are wanted."""
    select, ignore = settings.select, (*settings.ignore, *ignored_in(path, root, settings.per_file_ignores))
    return [
        finding
        for finding in findings
        if _selected(finding.code, select) and not (ignore and named(finding.code, ignore))
    ]


def ignored_in(path: Path | None, root: Path | None, per_file: PerFile) -> Sequence[str]:
    """Return the words that name the rules to be left out in one file.

    A pattern means the path from the project's folder, or the file's name alone; `*` stands for slashes too.
    """
    if not per_file or path is None:
        return ()
    name = path.name
    below = os.path.relpath(path, root).replace(os.sep, "/") if root else name
    return [word for pattern, words in per_file if _fits(below, pattern) or _fits(name, pattern) for word in words]


def named(code: str, words: Sequence[str]) -> bool:
    """Whether one of `words` is the rule's name, its code or a beginning of it."""
    return any(code.startswith(word.upper()) or BY_CODE[code].name == word.lower() for word in words if word)


def _selected(code: str, select: Sequence[str]) -> bool:
    """Whether somebody wants to hear of a rule: for some, they have to say its whole code or its name."""
    rule = BY_CODE[code]
    if rule.on_request:
        return any(word.upper() == code or word.lower() == rule.name for word in select)
    return not select or named(code, select)


def _fits(path: str, pattern: str) -> bool:
    return fnmatchcase(path, pattern) or (pattern.startswith("**/") and fnmatchcase(path, pattern[3:]))
