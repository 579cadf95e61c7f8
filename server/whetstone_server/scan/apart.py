"""A scan in a process of its own, for a server that has keystrokes to answer meanwhile.

The parser holds the interpreter's lock, so that a thread would hold everything else up.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from whetstone_server.scan.rows import revived

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from pathlib import Path

    from whetstone_server.scan.file_findings import FileFindings

_LONGEST_LINE = 64 << 20
"""Bytes that may be said of one file."""


async def scan_apart(
    paths: Sequence[Path], cache: Path, on_step: Callable[[int, int], None]
) -> AsyncGenerator[FileFindings, None]:
    """Yield what all rules find below `paths`, file by file, those without findings left out.

    `on_step(done, total)` counts files. The process ends when the iterator is closed or what consumes it is cancelled.
    Raises `RuntimeError` when it ends otherwise than it should; why, it says on standard error.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "whetstone_server.scan",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps({"paths": [str(path) for path in paths], "cache": str(cache)}).encode() + b"\n")
        process.stdin.close()
        async for line in process.stdout:
            said = json.loads(line)
            if isinstance(said, dict):
                on_step(said["done"], said["total"])
            else:
                yield revived(*said)
        if status := await process.wait():
            raise RuntimeError(f"the process that looks through files ended with status {status}")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.stdout.read()
        await process.wait()
