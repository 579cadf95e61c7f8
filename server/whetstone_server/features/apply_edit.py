"""`workspace/applyEdit`: edits that the server asks the editor to make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_server.convert import Text
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from whetstone_codegen import Edit
    from whetstone_server.session import Session


async def send(session: Session, label: str, edits: Mapping[Path, tuple[bytes, Sequence[Edit]]]) -> None:
    """Have the editor edit files, each given with the text that its edits are for, and return when that is done.

    Raises `InputError` when the editor cannot or will not, or somebody has typed into one of them in the meantime.
    """
    await make(session, label, _workspace_edit(session, edits))


async def make(session: Session, label: str, edit: types.WorkspaceEdit) -> None:
    """Have the editor make an edit; raises `InputError` when it cannot or will not."""
    if not session.abilities.applies_edits:
        raise InputError("This editor makes no edits for a server; `whetstone improvements` does it in a terminal.")
    answer = await session.client.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(label=label, edit=edit))
    if not answer.applied:
        raise InputError(f"The editor did not make the change: {answer.failure_reason or 'it does not say why'}.")


def _workspace_edit(session: Session, edits: Mapping[Path, tuple[bytes, Sequence[Edit]]]) -> types.WorkspaceEdit:
    plain: dict[str, list[types.TextEdit]] = {}
    versioned: list[types.TextDocumentEdit] = []
    for path, (source, changes) in edits.items():
        file = session.file_at(path)
        if file and file.source != source:
            raise InputError(f"{path} changed just now, so it was left alone; try again")
        text = file.text if file else Text(source.decode(), session.encoding)
        uri = file.uri if file else path.as_uri()
        plain[uri] = [types.TextEdit(range=text.range(span), new_text=new) for span, new in changes]
        document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=file.version if file else None)
        versioned.append(types.TextDocumentEdit(text_document=document, edits=[*plain[uri]]))
    if session.abilities.versions_edits:
        return types.WorkspaceEdit(document_changes=[*versioned])
    return types.WorkspaceEdit(changes=plain)
