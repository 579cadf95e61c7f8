"""Locks on files that end with the process that holds them, whatever ends it."""

from __future__ import annotations

import sys
from contextlib import suppress

if sys.platform == "win32":
    import msvcrt

    def lock(file: int) -> bool:
        """Take the lock of an open file; `False` when somebody else holds it."""
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def unlock(file: int) -> None:
        """Give the lock back."""
        with suppress(OSError):
            msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def lock(file: int) -> bool:
        """Take the lock of an open file; `False` when somebody else holds it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def unlock(file: int) -> None:
        """Give the lock back."""
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)
