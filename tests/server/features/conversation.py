"""A conversation with a server in this process: JSON goes in as bytes would, and what it says is kept."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from whetstone_server.server import WhetstoneServer, started_prover

if TYPE_CHECKING:
    from collections.abc import Callable

    from whetstone_server.session import OpenFile, StartProver
    from whetstone_server.vitals import Meter

PATIENCE_SECONDS = 30
FILE = "file:///project/orders.py"
WHOLE = {"start": {"line": 0, "character": 0}, "end": {"line": 99999, "character": 0}}
MODERN: dict[str, Any] = {
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True},
        "diagnostics": {"refreshSupport": True},
    },
    "textDocument": {
        "diagnostic": {"codeDescriptionSupport": True},
        "hover": {"contentFormat": ["markdown"]},
        "codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}},
    },
}
"""The capabilities of an editor of today, as far as anything depends on them."""


class Refusal(Exception):  # noqa: N818 -- what the server answered, not a mistake of ours
    """An error the server answered with."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]
        self.data = error.get("data")


class Conversation:
    """Both ends of one conversation; must be made on a running loop."""

    def __init__(self, start_prover: StartProver = started_prover, meter: Meter | None = None) -> None:
        self.server = WhetstoneServer(start_prover, meter)
        self.server.protocol.set_writer(self)
        self.said: list[dict[str, Any]] = []
        """Every message the server sent that is no answer, oldest first."""
        self.settings: list[Any] = [None]
        """What the server gets when it asks for settings."""
        self.makes_edits = True
        """Whether it makes the edits that the server asks for."""
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[None]]] = []
        self._count = 0

    # -- what pygls asks of a writer ---------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        message = json.loads(data.partition(b"\r\n\r\n")[2])
        if "method" not in message:
            self._answered(message)
            return
        self.said.append(message)
        if "id" in message:
            asyncio.get_running_loop().call_soon(self._reply, message)
        self._look()

    def close(self) -> None:
        """Nothing is to be closed: there is no pipe."""

    def _reply(self, message: dict[str, Any]) -> None:
        result = self._done(message["method"], message.get("params"))
        self._hand_over({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _done(self, method: str, params: Any) -> Any:
        """Do what the server asks for, and return the answer."""
        if method == "workspace/configuration":
            return self.settings
        if method == "workspace/applyEdit":
            if self.makes_edits:
                self.make(params["edit"])
            return {"applied": self.makes_edits}
        return {"success": True} if method == "window/showDocument" else None

    def make(self, edit: dict[str, Any]) -> None:
        """Make the changes of an edit, as an editor does: from the back, so that none moves the next."""
        changes = {each["textDocument"]["uri"]: each["edits"] for each in edit.get("documentChanges", ())}
        for uri, edits in (changes or edit["changes"]).items():
            places = sorted(edits, key=lambda each: list(each["range"]["start"].values()), reverse=True)
            self.change(*({"range": each["range"], "text": each["newText"]} for each in places), uri=uri)

    def _answered(self, message: dict[str, Any]) -> None:
        future = self._answers.pop(message["id"])
        if future.done():
            return
        if "error" in message:
            future.set_exception(Refusal(message["error"]))
        else:
            future.set_result(message.get("result"))

    def _look(self) -> None:
        for seen, future in self._waiting:
            if not future.done() and seen():
                future.set_result(None)

    # -- speaking ----------------------------------------------------------------------------------------------------

    def _hand_over(self, message: dict[str, Any]) -> None:
        protocol = self.server.protocol
        protocol.handle_message(json.loads(json.dumps(message), object_hook=protocol.structure_message))

    def tell(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self._hand_over({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, **params: Any) -> tuple[str, asyncio.Future[Any]]:
        """Send a request; return its id and its answer, which fails with `Refusal` when the server says no."""
        self._count += 1
        name = f"request {self._count}"
        self._answers[name] = asyncio.get_running_loop().create_future()
        answer = self._answers[name]
        self._hand_over({"jsonrpc": "2.0", "id": name, "method": method, "params": params})
        return name, answer

    async def ask(self, method: str, **params: Any) -> Any:
        """Send a request and return the answer's result."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.request(method, **params)[1]

    async def until(self, seen: Callable[[], Any]) -> Any:
        """Return what `seen` answers as soon as it is true; looks again whenever the server says something."""
        if not seen():
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((seen, future))
            async with asyncio.timeout(PATIENCE_SECONDS):
                await future
        return seen()

    async def settled(self) -> None:
        """Wait for what the server does after its answers."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*self.server.session._tasks)

    # -- the messages of a session -----------------------------------------------------------------------------------

    async def begin(
        self, capabilities: dict[str, Any] = MODERN, *, options: Any = None, folder: str | None = None
    ) -> Any:
        """Say hello; return what the server can do."""
        folders = [{"uri": folder, "name": "project"}] if folder else None
        answer = await self.ask(
            "initialize",
            processId=None,
            rootUri=None,
            capabilities=capabilities,
            initializationOptions=options,
            workspaceFolders=folders,
        )
        self.tell("initialized")
        return answer["capabilities"]

    def open(self, text: str, uri: str = FILE, language: str = "python") -> str:
        """Open a document."""
        self.tell("textDocument/didOpen", textDocument={"uri": uri, "languageId": language, "version": 1, "text": text})
        return uri

    def change(self, *changes: dict[str, Any], uri: str = FILE) -> None:
        """Send changes, in LSP's shape."""
        file = self.server.session.file(uri)
        version = file.version + 1 if file else 2
        self.tell("textDocument/didChange", textDocument={"uri": uri, "version": version}, contentChanges=list(changes))

    def insert(self, line: int, character: int, text: str, uri: str = FILE) -> None:
        """Insert text at a position."""
        position = {"line": line, "character": character}
        self.change({"range": {"start": position, "end": position}, "text": text}, uri=uri)

    def file(self, uri: str = FILE) -> OpenFile:
        """Return a document as the server has it."""
        file = self.server.session.file(uri)
        assert file is not None
        return file

    async def pull(self, uri: str = FILE, previous: str | None = None) -> Any:
        """Return the report on a document."""
        return await self.ask("textDocument/diagnostic", textDocument={"uri": uri}, previousResultId=previous)

    async def squiggles(self, uri: str = FILE) -> list[Any]:
        """Return the diagnostics of a document."""
        report = await self.pull(uri)
        return list(report["items"])

    async def actions(self, *only: str, uri: str = FILE, where: Any = WHOLE, diagnostics: Any = ()) -> list[Any]:
        """Return the actions at a place."""
        context = {"diagnostics": list(diagnostics), **({"only": list(only)} if only else {})}
        return list(await self.ask("textDocument/codeAction", textDocument={"uri": uri}, range=where, context=context))

    async def fixes(self, *only: str, uri: str = FILE, where: Any = WHOLE) -> list[Any]:
        """Return the actions at a place but those that only silence something."""
        actions = await self.actions(*only, uri=uri, where=where)
        return [action for action in actions if not action["title"].startswith("Ignore ")]

    async def run(self, command: str, **wanted: Any) -> Any:
        """Run a command on an object."""
        return await self.ask("workspace/executeCommand", command=command, arguments=[wanted])

    async def prove(self, token: str | None = None, **wanted: Any) -> Any:
        """Run `whetstone.prove` on an object."""
        return await self.ask(
            "workspace/executeCommand", command="whetstone.prove", arguments=[wanted], workDoneToken=token
        )

    def said_to_the_person(self) -> list[str]:
        """Return every sentence that was shown."""
        return [said["params"]["message"] for said in self.said if said["method"] == "window/showMessage"]

    def count(self, method: str) -> int:
        """Return how often the server sent a message."""
        return sum(said["method"] == method for said in self.said)
