"""`workspace/diagnostic`: the findings in every file of the workspace, also in those that nobody has open.

Editors ask again as soon as they have an answer. So one that knows everything already gets its answer when something
has changed, or after a while; the files are read in another process, and open documents are answered from memory.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from hashlib import blake2b
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from whetstone_server.features import diagnostics
from whetstone_server.features.feature import Feature
from whetstone_server.features.progress import Progress

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from pathlib import Path

    from whetstone_knowledge import Finding
    from whetstone_server.scan import FileFindings
    from whetstone_server.session import Session

HOLD_SECONDS = 60.0
"""How long an editor that knows everything may wait for something new."""
BATCH = 50
"""Files of which it is said together what is found in them."""
SERVER_CANCELLED = -32802
_Report = types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport


async def workspace_diagnostic(
    session: Session, params: types.WorkspaceDiagnosticParams
) -> types.WorkspaceDiagnosticReport:
    """Return what is found in the workspace, or send it in parts where the client takes them.

    Whoever has cancelled it where it is shown is not asked again: the error says so.
    """
    known = {previous.uri: previous.value for previous in params.previous_result_ids}
    survey = session.survey
    closed = {uri: name for uri, name in known.items() if session.file(uri) is None}
    if closed == survey.told and await _nothing_happened(session):
        return types.WorkspaceDiagnosticReport(items=[])
    survey.number = session.changes.number
    answer = _Answer(session, params.partial_result_token, known)
    await _shown(session, answer, params.work_done_token)
    survey.told = answer.told
    return types.WorkspaceDiagnosticReport(items=answer.rest())


async def _nothing_happened(session: Session) -> bool:
    """Wait for something new; answer whether it was in vain. Only a client that watches files can know that."""
    changed = await session.changes.after(session.survey.number, HOLD_SECONDS)
    return session.changes.over or (not changed and session.abilities.watches_files)


async def _shown(session: Session, answer: _Answer, token: types.ProgressToken | None) -> None:
    """Look through the workspace; the first look, which may take a while, is shown in any case."""
    if token is None and session.survey.made:
        await _look(session, answer, None)
        return
    task = asyncio.current_task()
    async with Progress(session, "Looking for what costs time", token) as progress:
        work = asyncio.create_task(_look(session, answer, progress))
        progress.stops(work)
        try:
            await work
        except asyncio.CancelledError as error:
            if not progress.cancelled or (task and task.cancelling()):
                raise
            never_again = types.DiagnosticServerCancellationData(retrigger_request=False)
            raise JsonRpcException(
                "Looking through the workspace was cancelled", SERVER_CANCELLED, never_again
            ) from error
    session.survey.made = True


async def _look(session: Session, answer: _Answer, progress: Progress | None) -> None:
    """Put what is found into the answer: open documents as the editor has them, all other files as they are stored."""
    for file in session.files:
        answer.add_open(file.uri)
    opened = {_real(file.path) for file in session.files if file.path}
    async with aclosing(_scanned(session, progress)) as scanned:
        async for found in scanned:
            findings = session.wanted(found.path, found.findings)
            if findings and _real(found.path) not in opened:
                answer.add(found.path.as_uri(), await asyncio.to_thread(_items, session, found.path, findings))
    answer.add_gone()


def _real(path: Path) -> str:
    return os.path.realpath(path)


async def _scanned(session: Session, progress: Progress | None) -> AsyncGenerator[FileFindings, None]:
    from whetstone_server.scan.apart import scan_apart  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.state import workspace  # noqa: PLC0415

    files, began = 0, session.meter.clock()

    def step(done: int, total: int) -> None:
        nonlocal files, began
        if done == 0:  # now it begins to read: what comes before says nothing about files
            files, began = total, session.meter.clock()
        if progress:
            progress.report(f"{done:,} of {total:,} files", done, total)

    for folder in _outermost(session.folders):
        async with aclosing(scan_apart([folder], workspace(folder) / "survey", step)) as scan:
            async for found in scan:
                yield found
        session.meter.looked_through(files, began)


def _outermost(folders: Sequence[Path]) -> list[Path]:
    """Return the folders that lie in no other one."""
    return [folder for folder in dict.fromkeys(folders) if not any(other in folder.parents for other in folders)]


def _items(session: Session, path: Path, findings: Sequence[Finding]) -> Sequence[types.Diagnostic]:
    """Return the diagnostics of a file; none when it went away meanwhile."""
    from whetstone_server.scan.source import UnreadableError, read  # noqa: PLC0415 -- loaded by now

    try:
        return diagnostics.stored(session, read(str(path)), findings)
    except UnreadableError:
        return ()


class _Answer:
    """What is said of each document, in full or that it is known already."""

    def __init__(self, session: Session, token: types.ProgressToken | None, known: Mapping[str, str]) -> None:
        self._session = session
        self._token = token
        self._known = known
        self._items: list[_Report] = []
        self._met: set[str] = set()
        self.told: dict[str, str] = {}
        """What the client knows of documents that are not open, by the name of what was said."""

    def add_open(self, uri: str) -> None:
        """Say what is found in an open document, which may have been closed in the meantime."""
        if file := self._session.file(uri):
            diagnostics.take(self._session, file)
            self._say(uri, file.shown.name, file.shown.items, file.version)

    def add(self, uri: str, items: Sequence[types.Diagnostic]) -> None:
        """Say what is found in a file; nothing of one without findings that nothing was said of before."""
        if items and self._session.file(uri) is None:
            name = blake2b(repr(items).encode(), digest_size=12).hexdigest()
            self.told[uri] = name
            self._say(uri, name, items, None)

    def add_gone(self) -> None:
        """Take back what was said of files in which nothing is found any more."""
        for uri in self._known:
            if uri not in self._met:
                self._say(uri, None, (), None)

    def rest(self) -> Sequence[_Report]:
        """Return what was not sent yet; when it was sent in parts, that is nothing."""
        if self._token is not None:
            self._send()
        return self._items

    def _say(self, uri: str, name: str | None, items: Sequence[types.Diagnostic], version: int | None) -> None:
        self._met.add(uri)
        if name is not None and self._known.get(uri) == name:
            self._items.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri, name, version))
        else:
            self._items.append(types.WorkspaceFullDocumentDiagnosticReport(uri, items, version, result_id=name))
        if self._token is not None and len(self._items) >= BATCH:
            self._send()

    def _send(self) -> None:
        if self._items:
            part = types.WorkspaceDiagnosticReportPartialResult(self._items)
            self._session.client.progress(types.ProgressParams(self._token or 0, part))
            self._items = []


FEATURE = Feature(
    types.WORKSPACE_DIAGNOSTIC,
    workspace_diagnostic,
    offered=lambda session: session.abilities.pulls_diagnostics,
    long=True,
)
