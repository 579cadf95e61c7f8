"""A sandbox that is a process of this machine, spoken to through its standard input and output."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.sandbox.cgroup import ControlGroup

_MOST_ERRORS = 1 << 16
_LAST_SECONDS = 3.0


class PipedWire:
    """A started sandbox process, and the first process inside, which takes all others with it when it ends."""

    def __init__(self, argv: Sequence[str], group: ControlGroup | None, *, info: int, fds: Sequence[int]) -> None:
        """Start `argv`; it gets `fds`, and writes `{"child-pid": N}` to the other end of `info`."""
        self._group = group
        # A pipe that is read when the sandbox has ended: what does not fit is lost, and nothing is written to a disk.
        self._errors, errors = os.pipe()
        os.set_blocking(self._errors, False)
        os.set_blocking(errors, False)
        self._lock = threading.Lock()
        self._words: str | None = None
        self._out_of_memory = False
        try:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                pass_fds=tuple(fds),
                start_new_session=True,
                bufsize=0,
                env={"PATH": os.defpath},
                cwd="/",
            )
        except OSError:
            os.close(info)
            os.close(self._errors)
            if group is not None:
                group.remove()
            raise
        finally:
            for fd in (errors, *fds):
                os.close(fd)
        self._first: int | None = _handle(info)

    def write(self, data: bytes) -> None:
        """Send all of it."""
        assert self._process.stdin is not None
        view = memoryview(data)
        while view:
            view = view[os.write(self._process.stdin.fileno(), view) :]

    def read(self) -> bytes:
        """Return what came next."""
        assert self._process.stdout is not None
        return os.read(self._process.stdout.fileno(), 1 << 18)

    def cut(self) -> None:
        """End it: the first process inside by its own handle, then the one that started it."""
        with self._lock:
            if self._first is not None:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._first, signal.SIGKILL)
                os.close(self._first)
                self._first = None
            else:
                self._process.kill()
            self._wait()
            if self._group is not None:
                self._out_of_memory = self._out_of_memory or self._group.out_of_memory()
                self._group.remove()

    def _wait(self) -> None:
        """Wait for the outer process, which ends when all inside have: only then can their control group be removed."""
        try:
            self._process.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def release(self) -> None:
        """Close the pipes, and keep what was said last."""
        self._words = self.cause()
        for file in (self._process.stdin, self._process.stdout):
            if file is not None:
                file.close()
        os.close(self._errors)

    def cause(self) -> str:
        """Say why it ended: its last words, or the signal."""
        if self._words is not None:
            return self._words
        words = ""
        with contextlib.suppress(BlockingIOError):
            words = os.read(self._errors, _MOST_ERRORS).decode(errors="replace").strip()
        if words:
            return " ".join(words.splitlines()[-3:])
        if self._out_of_memory:
            return "the sandbox ran out of the memory it may use"
        return f"the sandbox ended with status {self._process.returncode}"


def _handle(info: int) -> int | None:
    """Return a handle on the first process inside; `None` when the sandbox ended before it had one."""
    with os.fdopen(info, "rb") as pipe:
        told = pipe.read()
    with contextlib.suppress(ValueError, KeyError, ProcessLookupError):
        return os.pidfd_open(json.loads(told)["child-pid"])
    return None
