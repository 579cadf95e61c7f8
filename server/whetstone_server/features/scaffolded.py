"""What a template becomes in a project as one edit: files that the editor makes, and changes to those it has.

What is in the editor counts, saved or not.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_server.convert import Text
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_codegen import Edit
    from whetstone_server.scaffolding.change import Change
    from whetstone_server.session import Session


def read(session: Session, path: Path) -> bytes | None:
    """Return the bytes of a file as the editor has it, or else as it lies on disk; None when there is none."""
    from whetstone_server.scaffolding.project import read_file  # noqa: PLC0415 -- an editor's start does not wait for it

    file = session.file_at(Path(os.path.realpath(path)))
    return file.source if file else read_file(path)


def uri(session: Session, path: Path) -> str:
    """Return the name that the editor has for a file."""
    file = session.file_at(Path(os.path.realpath(path)))
    return file.uri if file else path.absolute().as_uri()


def workspace_edit(session: Session, changes: Sequence[Change]) -> types.WorkspaceEdit:
    """Return the edit that makes the changes; raises `InputError` for an editor that makes no files for a server."""
    wanted = [change for change in changes if change.edits]
    if any(change.before is None for change in wanted) and not session.abilities.creates_files:
        raise InputError("This editor makes no files for a server; `whetstone new` does it in a terminal.")
    steps: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
    for change in wanted:
        file = session.file_at(Path(os.path.realpath(change.path)))
        name = uri(session, change.path)
        if change.before is None:
            options = types.CreateFileOptions(overwrite=False, ignore_if_exists=False)
            steps.append(types.CreateFile(uri=name, options=options))
        text = file.text if file else Text((change.before or b"").decode(), session.encoding)
        edits = [_edit(text, edit) for edit in change.edits]
        document = types.OptionalVersionedTextDocumentIdentifier(uri=name, version=file.version if file else None)
        steps.append(types.TextDocumentEdit(text_document=document, edits=[*edits]))
    if session.abilities.versions_edits:
        return types.WorkspaceEdit(document_changes=steps)
    plain = {step.text_document.uri: [*step.edits] for step in steps if isinstance(step, types.TextDocumentEdit)}
    return types.WorkspaceEdit(changes=plain)  # type: ignore[arg-type]  # only plain text edits were made above


def _edit(text: Text, edit: Edit) -> types.TextEdit:
    return types.TextEdit(range=text.range(edit.span), new_text=edit.text)
