"""What the processes of a test run tell the job that started them: files in a folder, written as it happens.

Every process has its own files, and opens them by path each time: a test may close descriptors, end the process
without notice, or replace `open`.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import marshal
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# A copy: a test that patches a builtin does not patch it here.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment]


class Events:
    """Writes what one process has to tell."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.name = ""
        self.rename()

    def rename(self) -> None:
        """Take files of our own: called again in a forked child."""
        self.name = os.path.join(self.folder, f"{_Own.getpid()}-{_Own.urandom(6).hex()}")

    def tell(self, *event: Any) -> None:
        """Append an event. Does nothing when the disk is full or no descriptor is left."""
        try:
            with _Own.open(self.name + ".events", "ab", buffering=0) as file:
                file.write(_Own.dumps(event))
        except OSError:
            pass

    def state(self, state: Any) -> None:
        """Replace what this process last said of its state."""
        try:
            with _Own.open(self.name + ".part", "wb") as file:
                file.write(_Own.dumps(state))
            _Own.replace(self.name + ".part", self.name + ".state")
        except OSError:
            pass


def told(folder: str) -> Iterator[tuple[list[tuple[Any, ...]], Any]]:
    """Yield, for each process, its events in order and its last state, `None` if it never told one."""
    names = sorted({os.path.splitext(name)[0] for name in os.listdir(folder)})
    for name in names:
        path = os.path.join(folder, name)
        states = list(_read(path + ".state"))
        yield list(_read(path + ".events")), states[0] if states else None


def _read(path: str) -> Iterator[Any]:
    if not os.path.exists(path):
        return
    # The end of the file is an error to marshal, and so is an event cut short by the end of its process.
    with open(path, "rb") as file, contextlib.suppress(EOFError, ValueError, TypeError):
        while True:
            yield marshal.load(file)  # noqa: S302


class _Own:
    """What telling needs, out of reach of code that patches modules."""

    open: Any = staticmethod(io.open)
    dumps: Any = staticmethod(marshal.dumps)
    replace: Any = staticmethod(os.replace)
    getpid: Any = staticmethod(os.getpid)
    urandom: Any = staticmethod(os.urandom)
