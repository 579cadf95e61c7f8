"""`textDocument/didOpen`, `didChange`, `didSave` and `didClose`: the text as the editor has it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from whetstone_knowledge.languages import LANGUAGES
from whetstone_server.features import applied, diagnostics
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.session import OpenFile, Session
    from whetstone_server.session.picks import Rewritten

_EVERYTHING = types.Range(types.Position(0, 0), types.Position(2**31 - 1, 0))
"""What a client replaces that sends whole texts."""
_log = logging.getLogger(__name__)


def did_open(session: Session, params: types.DidOpenTextDocumentParams) -> None:
    """Take a document in. Effect: its diagnostics are published to a client that does not pull them."""
    opened(session, params.text_document)


def opened(session: Session, item: types.TextDocumentItem, notebook: str | None = None) -> None:
    """Take a document in, which may be a cell of an open notebook; one in another language is left alone."""
    if item.language_id in LANGUAGES:
        file = session.open(item, notebook)
        diagnostics.publish(session, file)
        what = {"language": item.language_id, "document_version": file.version}
        session.note(file, "document.open", {**what, "lines": item.text.count("\n") + 1, "size": len(item.text)})


def did_change(session: Session, params: types.DidChangeTextDocumentParams) -> None:
    """Make the changes. Effect: diagnostics of the edited function now, of the whole file at the next pause."""
    changed(session, params.text_document, params.content_changes)


def changed(
    session: Session,
    document: types.VersionedTextDocumentIdentifier,
    changes: Sequence[types.TextDocumentContentChangeEvent],
) -> None:
    """Make changes to a document or a cell."""
    file = session.file(document.uri)
    if file is None:
        return
    file.change(changes, document.version)
    diagnostics.publish(session, file)
    _note_changes(session, file, changes)
    for kind, rewritten in session.picks.seen(file.uri, file.source):
        session.note(file, kind, _picked(kind, rewritten))
    applied.edited(session, file)
    if file.idle:
        file.idle.cancel()
    file.idle = asyncio.get_running_loop().call_later(session.pause_seconds, _look_again, session, file)


def did_save(session: Session, params: types.DidSaveTextDocumentParams) -> None:
    """Let go what was learned from the code as it was on the disk before, if this changes it."""
    file = session.file(params.text_document.uri)
    if file is None:
        return
    session.note(file, "document.save", {"document_version": file.version, "size": len(file.source)})
    if not file.changed_since_save:
        return
    file.changed_since_save = False
    if session.code_changed(file.uri):
        diagnostics.show_again(session)


def did_close(session: Session, params: types.DidCloseTextDocumentParams) -> None:
    """Let a document go. Effect: a client that does not pull is told that it has no diagnostics any more."""
    closed(session, params.text_document.uri)


def closed(session: Session, uri: str) -> None:
    """Let a document or a cell go."""
    file = session.close(uri)
    if file is None:
        return
    if file.idle:
        file.idle.cancel()
    session.offers.expected(uri)
    diagnostics.withdraw(session, file)
    session.note(file, "document.close", {"document_version": file.version})


def _note_changes(session: Session, file: OpenFile, changes: Sequence[types.TextDocumentContentChangeEvent]) -> None:
    """Record where something was changed and how much, and what only where the settings say so."""
    keep_text = session.settings_of(file).keep_text
    for change in changes:
        place = change.range if isinstance(change, types.TextDocumentContentChangePartial) else _EVERYTHING
        data = {
            "document_version": file.version,
            "start_line": place.start.line,
            "start_column": place.start.character,
            "end_line": place.end.line,
            "end_column": place.end.character,
            "inserted": len(change.text),
            "text": change.text if keep_text and place is not _EVERYTHING else None,
        }
        session.note(file, "document.change", data)


def _picked(kind: str, rewritten: Rewritten) -> dict[str, Any]:
    data = {"code": rewritten.code, "improvement": rewritten.improvement}
    return data | {"proven": rewritten.proven} if kind == "action.chosen" else data


def _look_again(session: Session, file: OpenFile) -> None:
    """Look at the whole file, and show the difference if there is one."""
    try:
        file.idle = None
        file.refresh()
        diagnostics.show(session, file)
    except Exception as error:  # noqa: BLE001 -- logged; nobody asked for this, so nobody else would say that it failed
        _log.exception("looking at %s again failed", file.uri)
        session.meter.broke("looking at a file again", error)


FEATURES = (
    Feature(types.TEXT_DOCUMENT_DID_OPEN, did_open),
    Feature(types.TEXT_DOCUMENT_DID_CHANGE, did_change),
    Feature(types.TEXT_DOCUMENT_DID_SAVE, did_save),
    Feature(types.TEXT_DOCUMENT_DID_CLOSE, did_close),
)
