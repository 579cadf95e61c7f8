"""Writes what was planned into a project: all of it, or nothing.

New files come first and the supervisor last, so that what a power cut leaves is at most files that nobody starts yet;
the same command again then finds them unchanged and does the rest.
"""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_server.errors import InputError
from whetstone_server.folders import sync_folder
from whetstone_server.improvements.files import (
    Replacement,
    check_writable,
    exchange,
    take_back,
    target_of,
    write_beside,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.scaffolding.change import Change


def write(changes: Sequence[Change]) -> None:
    """Make every change, or none. Raises `InputError` when a file changed meanwhile or cannot be written."""
    wanted = sorted((change for change in changes if change.edits), key=lambda change: change.before is not None)
    with ExitStack() as way_back, ExitStack() as leftovers:
        try:
            for change in wanted:
                if change.before is None:
                    _create(change, way_back)
                else:
                    _change(change, way_back, leftovers)
        except OSError as error:
            raise InputError(f"{_place(error)}{error.strerror or error}, so nothing was written") from error
        way_back.pop_all()
    for folder in dict.fromkeys(change.path.parent for change in wanted):
        sync_folder(folder)


def _place(error: OSError) -> str:
    """Return where something cannot be written; nobody knows the file that would have become another."""
    if not error.filename:
        return ""
    path = Path(os.fsdecode(error.filename))
    return f"{path.parent if path.name.startswith('.whetstone-') else path} cannot be written to: "


def _create(change: Change, way_back: ExitStack) -> None:
    """Write a new file, whole or not at all."""
    for folder in reversed([change.path.parent, *change.path.parent.parents]):
        if not folder.exists():
            folder.mkdir()
            way_back.callback(_removed, folder)
    beside = change.path.with_name(f".whetstone-{secrets.token_hex(8)}.new")
    try:
        with beside.open("xb") as file:
            file.write(change.after)
            file.flush()
            os.fsync(file.fileno())
        _named(beside, change.path)
    finally:
        beside.unlink(missing_ok=True)
    way_back.callback(change.path.unlink, missing_ok=True)


def _named(beside: Path, path: Path) -> None:
    """Give a file its name; raises `InputError` when somebody has written one of that name meanwhile."""
    try:
        try:
            os.link(beside, path)
        except FileExistsError:
            raise
        except OSError:  # some file systems have no second names
            if path.exists():
                raise FileExistsError from None
            beside.rename(path)
    except FileExistsError as error:
        raise InputError(f"{path} was written by somebody else just now, so nothing was written; try again") from error


def _change(change: Change, way_back: ExitStack, leftovers: ExitStack) -> None:
    """Put the new text in the place of a file."""
    before = change.before or b""
    replacement = Replacement(change.path, before, change.after)
    target = target_of(replacement, secrets.token_hex(8))
    check_writable(Path(target.file), change.path)
    for name in (target.new, target.old):
        leftovers.callback(Path(name).unlink, missing_ok=True)
    write_beside(replacement, target)
    way_back.callback(take_back, target, lambda _: before)
    exchange(replacement, target)


def _removed(folder: Path) -> None:
    with suppress(OSError):  # somebody else has put something into it
        folder.rmdir()
