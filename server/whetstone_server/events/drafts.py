"""Drafts: what is made beside its place and then moved there, and what processes that were killed left of them.

A draft is locked by whoever makes it, so that one without a lock is that of a dead process.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_server.events import locks, ring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FILES = {"data.mdb", "lock.mdb"}
"""All there may be in the draft of a store."""


@contextmanager
def beside(place: Path) -> Iterator[Path]:
    """Yield a new folder beside a place, to be filled and moved there; what was not moved is removed in the end.

    What a killed process left of an earlier one for the same place is removed first.
    Raises `OSError` when it cannot be made.
    """
    _remove_drafts(place)
    folder, file = _made(place)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if file is not None:
            os.close(file)


def remove_abandoned(folder: Path) -> None:
    """Remove what killed processes left half made of a store: drafts of it, of its file, and of rings.

    What is locked, or holds anything that could be somebody's, is left where it is.
    """
    _remove_drafts(folder)
    _remove_drafts(folder / "data.mdb")
    for draft in _entries(folder / "rings", lambda name: name.endswith(".draft")):
        _remove_unlocked(draft, draft.unlink)
    for path in ring.rings(folder / "rings"):
        if _is_blank(path):  # a power cut took what was never written to the disk
            _remove_unlocked(path, path.unlink)


def _made(place: Path) -> tuple[Path, int | None]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_beginning(place), dir=place.parent))
        try:
            file = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:  # somebody took it for an abandoned one at this very moment
            continue
        except OSError:  # Windows opens no folders, and so removes no drafts of others either
            return folder, None
        if locks.lock(file) and folder.exists():
            return folder, file
        os.close(file)


def _remove_drafts(place: Path) -> None:
    for draft in _entries(place.parent, lambda name: _is_draft(name, place)):
        if _FILES.issuperset(_names(draft)):
            _remove_unlocked(draft, partial(shutil.rmtree, draft, ignore_errors=True))


def _is_draft(name: str, place: Path) -> bool:
    before = _beginning(place)
    return name.startswith(before) and len(name) == len(before) + 8


def _beginning(place: Path) -> str:
    """Return what the names of drafts begin with: nothing that somebody would call a copy of their own."""
    return f".{place.name}-draft-"


def _entries(folder: Path, suits: Callable[[str], bool]) -> list[Path]:
    return [folder / name for name in _names(folder) if suits(name)]


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


def _is_blank(path: Path) -> bool:
    """Whether a ring has nothing where its header should be."""
    try:
        with path.open("rb", buffering=0) as file:
            return not any(file.read(ring.HEADER_BYTES))
    except OSError:
        return False


def _remove_unlocked(path: Path, remove: Callable[[], None]) -> None:
    with suppress(OSError):
        file = os.open(path, os.O_RDONLY)
        try:
            if locks.lock(file):
                remove()
        finally:
            os.close(file)
