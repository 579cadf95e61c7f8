"""Which files of a workspace are somebody's own code."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whetstone_knowledge.languages import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SUFFIXES = tuple(SUFFIXES)
_SKIPPED = frozenset(
    {
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pyenv",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        "__pycache__",
        "__pypackages__",
        "_build",
        "node_modules",
        "site-packages",
        "venv",
    }
)
"""Folders of tools and of other people's code; a virtual environment of another name is known by its `pyvenv.cfg`."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to look at, as it was when it was met."""

    path: str
    mtime_ns: int = 0
    size: int = 0
    error: str | None = None


def walk(paths: Iterable[Path]) -> Iterator[File]:
    """Yield each file in `paths` and each file of code below a folder in them, once, folders in order of names.

    A path that is named is taken whatever it is called; links to folders are followed only there, so no loop is met.
    """
    met: set[str] = set()
    for path in paths:
        for file in _walk_one(os.fspath(path)):
            if file.path not in met:
                met.add(file.path)
                yield file


def _walk_one(path: str) -> Iterator[File]:
    try:
        status = os.stat(path)  # noqa: PTH116 -- paths stay strings here: a tree of thousands is walked in each run
    except (OSError, ValueError) as error:
        yield File(path, error=f"it cannot be read: {_reason(error)}")
        return
    if stat.S_ISDIR(status.st_mode):
        yield from _below(path)
    elif stat.S_ISREG(status.st_mode):
        yield File(path, status.st_mtime_ns, status.st_size)
    else:
        yield File(path, error="it is neither a file nor a folder")


def _below(folder: str) -> Iterator[File]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield File(folder, error=f"it cannot be listed: {_reason(error)}")
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                if not _is_of_others(entry):
                    yield from _below(entry.path)
            elif entry.name.endswith(_SUFFIXES) and entry.is_file():
                status = entry.stat()
                yield File(entry.path, status.st_mtime_ns, status.st_size)
        except OSError as error:
            yield File(entry.path, error=f"it cannot be read: {_reason(error)}")


def _is_of_others(folder: os.DirEntry[str]) -> bool:
    """Whether a folder holds what tools made, or what other people wrote: Mix puts that into `deps`."""
    if folder.name in _SKIPPED or os.path.exists(f"{folder.path}/pyvenv.cfg"):  # noqa: PTH110 -- paths are strings here
        return True
    return folder.name == "deps" and os.path.exists(f"{os.path.dirname(folder.path)}/mix.exs")  # noqa: PTH110, PTH120


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
