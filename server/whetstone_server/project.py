"""Which folder a file's project begins in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", ".git")
"""Any of these makes a folder the root of a project."""


def project_root(path: Path) -> Path:
    """Return the nearest folder at or above `path` that holds a marker; else the folder that `path` is or is in."""
    start = path.resolve()
    if not start.is_dir():
        start = start.parent
    for folder in (start, *start.parents):
        if any((folder / marker).exists() for marker in MARKERS):
            return folder
    return start
