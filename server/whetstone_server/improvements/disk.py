"""Files that are whole on disk, or not there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from whetstone_server.folders import sync_folder

if TYPE_CHECKING:
    from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_new(file: Path, content: bytes) -> None:
    """Write a file that is not there yet, for its owner alone, and return when its content is on disk.

    Nothing is left of it when that fails. Its name lasts through a power cut once its folder was synced.
    """
    handle = os.open(file, _NEW, 0o600)
    try:
        try:
            write_all(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def write_all(handle: int, content: bytes) -> None:
    """Write all of `content`, in as many calls as the system takes for it."""
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]


def put(file: Path, content: bytes, *, last: bool = True) -> None:
    """Put a file in the place of the one before, in one step; only one process at a time may do so.

    Of several files in one folder only the `last` has to make their names last through a power cut.
    """
    temporary = file.with_name(f".{file.name}.new")
    temporary.unlink(missing_ok=True)  # a crash may have left one
    write_new(temporary, content)
    try:
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if last:
        sync_folder(file.parent)
