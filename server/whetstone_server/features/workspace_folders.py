"""`workspace/didChangeWorkspaceFolders`: folders come and go while the editor is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from whetstone_server.session import Session


def did_change_workspace_folders(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Take note of new folders; the sandboxes of those that went are ended."""
    for folder in params.event.removed:
        session.remove_folder(folder.uri)
    for folder in params.event.added:
        session.add_folder(folder.uri)


FEATURE = Feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, did_change_workspace_folders)
