"""Standard input and output belong to one conversation."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from whetstone_server import stdio

SPEAKER = """
import subprocess, sys
from whetstone_server.stdio import own_streams
source, target = own_streams()
print("a stray print")
subprocess.run([sys.executable, "-c", "import sys; print('a child', repr(sys.stdin.read()))"])
target.write(b"heard " + source.read())
target.flush()
"""


def test_nobody_else_reads_or_writes():
    speaker = subprocess.run([sys.executable, "-c", SPEAKER], input=b"hello", capture_output=True, check=True)
    assert speaker.stdout == b"heard hello"
    assert b"a stray print" in speaker.stderr
    assert b"a child ''" in speaker.stderr


def test_a_pipe_is_read_on_the_loop():
    async def read(source, target):
        reader = await stdio.reader(source, target)
        os.write(outward, b"a line\n")
        os.close(outward)
        return await reader.read()

    inward, outward = os.pipe()
    with os.fdopen(inward, "rb") as source, Path(os.devnull).open("wb") as target:
        assert asyncio.run(read(source, target)) == b"a line\n"


def test_a_file_is_left_to_a_thread(tmp_path):
    path = tmp_path / "input"
    path.write_bytes(b"")

    with path.open("rb") as source, Path(os.devnull).open("wb") as target:
        assert asyncio.run(stdio.reader(source, target)) is None
