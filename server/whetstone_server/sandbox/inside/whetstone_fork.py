"""Runs work in a forked child and brings back what it yields, however the child ends."""

from __future__ import annotations

import os
import pickle
import select
import signal
import struct
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import NoReturn

    Work = Callable[[], Iterable[Any]]

IDLE_PATIENCE = 4
"""How many times the patience a child may take by the clock on the wall."""
HEAD = struct.Struct(">I")


def streamed(work: Work, patience: float) -> Generator[Any, None, str]:
    """Yield what the generator function `work` yields in a forked child; then return how the child ended.

    The child is killed when it yields nothing while it used `patience` seconds of CPU, or for far longer without using
    any, since on a busy machine a child may hardly run. Ends with `done`, `timed out` or `crashed`.
    """
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _work_and_leave(work, writable)
    os.close(writable)
    try:
        ended = yield from _frames(readable, child, patience)
    finally:
        os.close(readable)
        try:
            os.kill(child, signal.SIGKILL)
        finally:
            os.waitpid(child, 0)
    return ended


def _work_and_leave(work: Work, writable: int) -> NoReturn:
    """Do the work and end the process at once: no exit handler of the program's own may run."""
    status = 1
    try:
        for item in work():
            write(writable, item)
        write(writable, None)
        status = 0
    except BaseException as error:  # the parent is told by the missing end mark
        trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        os.write(2, f"whetstone: {trace}".encode("utf-8", "replace"))
    finally:
        os._exit(status)


def _frames(readable: int, child: int, patience: float) -> Generator[Any, None, str]:
    while True:
        if not _answers(readable, child, patience):
            return "timed out"
        try:
            item = read(readable)
        except EOFError:
            return "crashed"
        if item is None:
            return "done"
        yield item


def _answers(readable: int, child: int, patience: float) -> bool:
    """Wait for the child to answer or to run out of patience; return which."""
    used, waited = _cpu_seconds(child), 0.0
    while waited < IDLE_PATIENCE * patience:
        step = patience / 4 if waited else patience
        if select.select([readable], [], [], step)[0]:
            return True
        waited += step
        if _cpu_seconds(child) - used >= patience * 0.9:
            return False
    return False


def _cpu_seconds(process: int) -> float:
    """Return the CPU time that a process has used; 0 where the system does not tell."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0


def write(descriptor: int, item: Any) -> None:
    """Write one picklable item to a pipe."""
    data = pickle.dumps(item)
    data = HEAD.pack(len(data)) + data
    while data:
        data = data[os.write(descriptor, data) :]


def read(descriptor: int) -> Any:
    """Return the next item of a pipe; raises `EOFError` when the other side has gone."""
    size = HEAD.unpack(_exactly(descriptor, HEAD.size))[0]
    return pickle.loads(_exactly(descriptor, size))  # written by our own code in the same sandbox


def _exactly(descriptor: int, size: int) -> bytes:
    chunks = []
    while size:
        chunk = os.read(descriptor, min(size, 1 << 20))
        if not chunk:
            raise EOFError
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)
