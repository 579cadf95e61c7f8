"""A server at the other end of its pipes, spoken to in JSON, and places in texts as JSON has them."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

from lsprotocol import types
from lsprotocol.converters import get_converter

from tests.client import PATIENCE_SECONDS, SERVER, edited, place


class Pipes:
    """A server's pipes: requests with their answers, and the names of all that was sent."""

    def __init__(self, process):
        self._process = process
        self._count = 0
        self.sent = set()
        self.told = []

    async def ask(self, method, **params):
        """Return the result that a request is answered with."""
        self._count += 1
        self._write(method, params, {"id": self._count})
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                message = await self._read()
                if message.get("id") == self._count and "method" not in message:
                    assert "error" not in message, message
                    return message["result"]
                self._take(message)

    async def until(self, seen):
        """Return the first message from the server that is what is looked for."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not any(map(seen, self.told)):
                self._take(await self._read())
        return next(filter(seen, self.told))

    def tell(self, method, **params):
        self._write(method, params, {})

    def _take(self, message):
        if "id" in message:  # a request of the server's
            result = [None] if message["method"] == "workspace/configuration" else None
            self._send({"id": message["id"], "result": result})
        self.told.append(message)

    def _write(self, method, params, number):
        self.sent.add(method)
        self._send({"method": method, "params": params, **number})

    def _send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def _read(self):
        size = 0
        while (line := (await self._process.stdout.readline()).strip()) != b"":
            name, _, value = line.partition(b":")
            size = int(value) if name == b"Content-Length" else size
        return json.loads(await self._process.stdout.readexactly(size))


@asynccontextmanager
async def pipes():
    process = await asyncio.create_subprocess_exec(
        *SERVER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24
    )
    try:
        yield Pipes(process), process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def where(text, words, encoding):
    """Return where `words` stand, in JSON."""
    found = place(text, words, encoding)
    return {
        name: {"line": end.line, "character": end.character}
        for name, end in (("start", found.start), ("end", found.end))
    }


def after(text, edits, encoding):
    """Return a text with edits in JSON made."""
    return edited(text, [get_converter().structure(edit, types.TextEdit) for edit in edits], encoding)
