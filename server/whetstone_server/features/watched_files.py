"""`workspace/didChangeWatchedFiles`: code that changes on the disk without going through the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_server.features import diagnostics
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from whetstone_server.session import Session

PATTERNS = ("**/*.py", "**/pyproject.toml")
"""Files that what a proof runs is made of, as far as it can be said beforehand."""


def watch(session: Session) -> None:
    """Ask to be told of such changes, where the client can be asked."""
    if session.abilities.watches_files:
        watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in PATTERNS]
        registration = types.Registration(
            id="files",
            method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            register_options=types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers),
        )
        session.client.client_register_capability(types.RegistrationParams(registrations=[registration]))


def did_change_watched_files(session: Session, params: types.DidChangeWatchedFilesParams) -> None:
    """Let go what was learned by running the code as it was before."""
    for change in params.changes:
        if change.type == types.FileChangeType.Deleted:
            session.file_deleted(change.uri)
        else:
            session.code_changed(change.uri)
    for file in session.files:
        diagnostics.show(session, file)


FEATURE = Feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, did_change_watched_files)
