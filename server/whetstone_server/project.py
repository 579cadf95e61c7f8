"""Which folder a file's project begins in."""

from __future__ import annotations

import os
from pathlib import Path

MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", "mix.exs", ".git")
"""Any of these makes a folder the root of a project."""


def project_here() -> Path:
    """Return the root of the project that we work in: that of `WHETSTONE_WORKSPACE`, or of the working directory."""
    return project_root(Path(os.environ.get("WHETSTONE_WORKSPACE") or Path.cwd()))


def project_root(path: Path) -> Path:
    """Return the nearest folder at or above `path` that holds a marker; else the folder that `path` is or is in."""
    start = path.resolve()
    if not start.is_dir():
        start = start.parent
    for folder in (start, *start.parents):
        if any((folder / marker).exists() for marker in MARKERS):
            return folder
    return start
