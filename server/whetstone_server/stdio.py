"""Standard input and output kept for one conversation: nothing else reads from it or writes to it."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from typing import BinaryIO

READ_AHEAD = 1 << 20
"""Bytes that are read before whoever sends has to wait."""


def own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return standard input and output under new numbers; under the old ones nothing can be read and all is logged.

    So neither a child process nor a stray `print` can take part in the conversation.
    """
    sys.stdout.flush()
    streams = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return streams


async def reader(source: BinaryIO, target: BinaryIO) -> asyncio.StreamReader | None:
    """Return a reader of `source` on the running loop; `None` where only a thread can read it.

    A thread costs a keystroke about half a millisecond. It has to be one on Windows, for files and terminals, and
    where input and output are the same socket, which must go on blocking when it is written to.
    """
    here, there = os.fstat(source.fileno()), os.fstat(target.fileno())
    piped = stat.S_ISFIFO(here.st_mode) or stat.S_ISSOCK(here.st_mode)
    if os.name == "nt" or not piped or (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino):
        return None
    stream = asyncio.StreamReader(READ_AHEAD)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), source)
    return stream
