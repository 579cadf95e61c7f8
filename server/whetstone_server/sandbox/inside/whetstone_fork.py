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

HEAD = struct.Struct(">I")


def streamed(work: Work, patience: float) -> Generator[Any, None, str]:
    """Yield what the generator function `work` yields in a forked child; then return how the child ended.

    The child is killed when it yields nothing for `patience` seconds. Ends with `done`, `timed out` or `crashed`.
    """
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _work_and_leave(work, writable)
    os.close(writable)
    try:
        ended = yield from _frames(readable, patience)
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


def _frames(readable: int, patience: float) -> Generator[Any, None, str]:
    while True:
        ready, _, _ = select.select([readable], [], [], patience)
        if not ready:
            return "timed out"
        try:
            item = read(readable)
        except EOFError:
            return "crashed"
        if item is None:
            return "done"
        yield item


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
