"""An editor for tests: pygls' client on a server in a process of its own, with what it was told kept to look at."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Union

from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.protocol import default_converter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from cattrs import Converter

PATIENCE_SECONDS = 30
"""How long anything may take on a busy machine before a test gives up on it."""
SERVER = (sys.executable, "-P", "-m", "whetstone_server")
"""What an editor starts."""


class Editor(LanguageClient):
    """An editor with one folder open; it counts versions, keeps diagnostics and messages, and can wait for them."""

    def __init__(self) -> None:
        super().__init__("editor", "1", converter_factory=_converter)
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        self.messages: list[types.ShowMessageParams] = []
        self.progress: dict[types.ProgressToken, list[Any]] = {}
        self.refreshes = 0
        self.settings: dict[str, Any] = {}
        self._versions: dict[str, int] = {}
        self._changed = asyncio.Condition()
        self._listen()

    def _listen(self) -> None:
        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        async def published(params: types.PublishDiagnosticsParams) -> None:
            self.published[params.uri] = params
            await self._wake()

        @self.feature(types.WINDOW_SHOW_MESSAGE)
        async def said(params: types.ShowMessageParams) -> None:
            self.messages.append(params)
            await self._wake()

        @self.feature(types.WORKSPACE_DIAGNOSTIC_REFRESH)
        async def refreshed(_: None) -> None:
            self.refreshes += 1
            await self._wake()

        @self.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)
        async def created(params: types.WorkDoneProgressCreateParams) -> None:
            self.progress[params.token] = []

        @self.feature(types.PROGRESS)
        async def went_on(params: types.ProgressParams) -> None:
            self.progress.setdefault(params.token, []).append(params.value)
            await self._wake()

        @self.feature(types.WORKSPACE_CONFIGURATION)
        def settings(params: types.ConfigurationParams) -> list[Any]:
            return [self.settings for _ in params.items]

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(_: types.RegistrationParams) -> None:
            return None

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, seen: Callable[[], Any]) -> Any:
        """Return what `seen` answers as soon as it is true; looks again whenever the server says something."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(seen)
        return seen()

    async def begin(
        self,
        folder: Path | None = None,
        *,
        capabilities: types.ClientCapabilities | None = None,
        options: dict[str, Any] | None = None,
    ) -> types.InitializeResult:
        """Say hello with `folder` open."""
        folders = [types.WorkspaceFolder(folder.as_uri(), folder.name)] if folder else None
        result = await self.initialize_async(
            types.InitializeParams(
                capabilities=capabilities or modern(),
                workspace_folders=folders,
                root_uri=folder.as_uri() if folder else None,
                initialization_options=options,
            )
        )
        self.initialized(types.InitializedParams())
        return result

    def open(self, uri: str, text: str, language: str = "python") -> str:
        """Open a document with `text` in it."""
        self._versions[uri] = 1
        item = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def type(self, uri: str, *changes: tuple[types.Range | None, str]) -> int:
        """Replace ranges with texts in one notification; no range means the whole document."""
        self._versions[uri] += 1
        document = types.VersionedTextDocumentIdentifier(version=self._versions[uri], uri=uri)
        events: Sequence[types.TextDocumentContentChangeEvent] = [
            types.TextDocumentContentChangePartial(range=where, text=text)
            if where
            else types.TextDocumentContentChangeWholeDocument(text=text)
            for where, text in changes
        ]
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, events))
        return self._versions[uri]

    async def pull(self, uri: str, previous: str | None = None) -> Any:
        """Return the server's report on a document."""
        document = types.TextDocumentIdentifier(uri)
        return await self.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(document, previous_result_id=previous)
        )

    async def squiggles(self, uri: str) -> Sequence[types.Diagnostic]:
        """Return the diagnostics of a document."""
        report = await self.pull(uri)
        return list(report.items)

    async def actions(
        self, uri: str, where: types.Range, *only: str, diagnostics: Sequence[types.Diagnostic] = ()
    ) -> Sequence[types.CodeAction]:
        """Return the actions at a range."""
        context = types.CodeActionContext(diagnostics=diagnostics, only=only or None)
        document = types.TextDocumentIdentifier(uri)
        return list(await self.text_document_code_action_async(types.CodeActionParams(document, where, context)) or ())

    async def run(self, command: str, *arguments: Any, token: str | None = None) -> Any:
        """Run a command and return its result."""
        return await self.workspace_execute_command_async(
            types.ExecuteCommandParams(command, arguments=arguments, work_done_token=token)
        )


def _converter() -> Converter:
    """Return pygls' converter, reading an action that has a command as the action it is."""
    converter = default_converter()

    def action(answer: dict[str, Any], _: Any) -> types.Command | types.CodeAction:
        kind = types.Command if isinstance(answer.get("command"), str) else types.CodeAction
        return converter.structure(answer, kind)

    converter.register_structure_hook(types.Command | types.CodeAction, action)
    converter.register_structure_hook(Union[types.Command, types.CodeAction], action)  # noqa: UP007 -- not the same to cattrs
    return converter


@asynccontextmanager
async def editor(command: Sequence[str] = SERVER) -> AsyncIterator[Editor]:
    """Start a server with an editor on it; say goodbye properly at the end unless the server is gone."""
    client = Editor()
    await client.start_io(*command)
    try:
        yield client
    finally:
        if not client.stopped:
            await client.shutdown_async(None)
            client.exit(None)
        await client.stop()


def modern(*encodings: types.PositionEncodingKind, pulls: bool = True) -> types.ClientCapabilities:
    """Return the capabilities of an editor of today, as far as anything depends on them."""
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=encodings or None),
        window=types.WindowClientCapabilities(work_done_progress=True),
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
            diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True),
        ),
        text_document=types.TextDocumentClientCapabilities(
            diagnostic=types.DiagnosticClientCapabilities(code_description_support=True) if pulls else None,
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                version_support=True, code_description_support=True
            ),
            hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
            code_action=types.CodeActionClientCapabilities(
                data_support=True, resolve_support=types.ClientCodeActionResolveOptions(properties=["edit"])
            ),
        ),
    )


def place(text: str, words: str, encoding: str = "utf-16") -> types.Range:
    """Return where `words` first stand in `text`, in the units of an encoding, worked out the slow and simple way."""
    start = text.index(words)
    return types.Range(_position(text[:start], encoding), _position(text[: start + len(words)], encoding))


def _position(before: str, encoding: str) -> types.Position:
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return types.Position(len(lines) - 1, units(lines[-1], encoding))


def units(text: str, encoding: str) -> int:
    """Return how many units of an encoding a text has."""
    return {"utf-8": len(text.encode()), "utf-16": len(text.encode("utf-16-le")) // 2, "utf-32": len(text)}[encoding]


def edited(text: str, edits: Sequence[types.TextEdit], encoding: str = "utf-16") -> str:
    """Return `text` with the server's edits made, in order from the end, the slow and simple way."""
    for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
        start, end = (_index(text, position, encoding) for position in (edit.range.start, edit.range.end))
        text = text[:start] + edit.new_text + text[end:]
    return text


def _index(text: str, position: types.Position, encoding: str) -> int:
    index = 0
    for _ in range(position.line):
        while text[index] not in "\r\n":
            index += 1
        index += 2 if text[index : index + 2] == "\r\n" else 1
    seen = 0
    while seen < position.character:
        seen += units(text[index], encoding)
        index += 1
    return index
