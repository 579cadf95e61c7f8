"""An editor for benchmarks: JSON over the pipes of a server's process, with nothing in between that takes time."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PATIENCE_SECONDS = 120
READ_AHEAD = 1 << 24
CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True},
    "workspace": {
        "workspaceEdit": {"documentChanges": True},
        "diagnostics": {"refreshSupport": True},
        "configuration": False,
    },
    "textDocument": {
        "diagnostic": {},
        "publishDiagnostics": {"versionSupport": True},
        "hover": {"contentFormat": ["markdown"]},
        "completion": {},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
    },
}
METHOD_NOT_FOUND = -32601


class Refused(Exception):  # noqa: N818 -- what the server answered
    """The server answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]


class Client:
    """A server's process and what was opened in it."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process = process
        self._folder = folder
        self.can: dict[str, Any] = {}
        """The capabilities of the server."""
        self._numbers = iter(range(1, 1 << 60))
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._published: dict[str, asyncio.Future[int]] = {}
        self._versions: dict[str, int] = {}
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, command: Sequence[str], folder: Path, options: Any = None) -> Client:
        """Start a server with a folder open, and say hello."""
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=nothing, limit=READ_AHEAD, cwd=folder
        )
        client = cls(process, folder)
        answer = await client.ask(
            "initialize",
            processId=None,
            rootUri=folder.as_uri(),
            workspaceFolders=[{"uri": folder.as_uri(), "name": folder.name}],
            capabilities=CAPABILITIES,
            initializationOptions=options,
        )
        client.can = answer["capabilities"]
        client.tell("initialized")
        return client

    async def end(self) -> None:
        """Say goodbye, and see the server end."""
        await self.ask("shutdown")
        self.tell("exit")
        await asyncio.wait_for(self._process.wait(), PATIENCE_SECONDS)
        self._reading.cancel()

    def memory(self) -> float:
        """Return the megabytes that the server and its helpers have for themselves."""
        process = psutil.Process(self._process.pid)
        return sum(each.memory_full_info().uss for each in [process, *process.children(recursive=True)]) / 1e6

    def memory_of_server(self) -> float:
        """Return the megabytes that the server has for itself, sandboxes left out."""
        return float(psutil.Process(self._process.pid).memory_full_info().uss) / 1e6

    # -- documents ---------------------------------------------------------------------------------------------------

    async def open(self, path: Path, text: str) -> str:
        """Open a document; return its name once its diagnostics are there."""
        uri = path.as_uri()
        self._versions[uri] = 1
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        await self._diagnosed(uri, "textDocument/didOpen", textDocument=item)
        return uri

    async def type(self, uri: str, line: int, column: int, new: str, removed: int = 0) -> float:
        """Replace characters of a line; return the seconds until the diagnostics of the new text are there."""
        self._versions[uri] += 1
        document = {"uri": uri, "version": self._versions[uri]}
        where = {"start": {"line": line, "character": column}, "end": {"line": line, "character": column + removed}}
        began = time.perf_counter()
        await self._diagnosed(
            uri, "textDocument/didChange", textDocument=document, contentChanges=[{"range": where, "text": new}]
        )
        return time.perf_counter() - began

    async def _diagnosed(self, uri: str, method: str, **params: Any) -> None:
        """Tell of a text, and wait for its diagnostics, pulled where the server lets them be pulled."""
        if "diagnosticProvider" in self.can:
            self.tell(method, **params)
            await self.ask("textDocument/diagnostic", textDocument={"uri": uri})
        else:
            self._published[uri] = asyncio.get_running_loop().create_future()
            self.tell(method, **params)
            await asyncio.wait_for(self._published[uri], PATIENCE_SECONDS)

    async def timed(self, method: str, **params: Any) -> float | None:
        """Return the seconds that an answer took; `None` from a server that does not know the question."""
        began = time.perf_counter()
        try:
            await self.ask(method, **params)
        except Refused as refusal:
            if refusal.code == METHOD_NOT_FOUND:
                return None
            raise
        return time.perf_counter() - began

    # -- the wire ----------------------------------------------------------------------------------------------------

    async def ask(self, method: str, **params: Any) -> Any:
        """Send a request and return the answer's result; raises `Refused` when that is an error."""
        number = next(self._numbers)
        future = self._answers[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params or None})
        return await asyncio.wait_for(future, PATIENCE_SECONDS)

    def tell(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := await stream.readuntil(b"\r\n\r\n"):
            size = next(int(line[15:]) for line in header.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            self._take(json.loads(await stream.readexactly(size)))

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            future = self._answers.pop(message["id"])
            if future.done():
                return
            if "error" in message:
                future.set_exception(Refused(message["error"]))
            else:
                future.set_result(message.get("result"))
        elif "id" in message:
            self._send({"id": message["id"], "result": None})
        elif message["method"] == "textDocument/publishDiagnostics":
            self._told(message["params"])

    def _told(self, params: dict[str, Any]) -> None:
        future = self._published.get(params["uri"])
        current = params.get("version") in {None, self._versions.get(params["uri"])}
        if future and not future.done() and current:
            future.set_result(len(params["diagnostics"]))
