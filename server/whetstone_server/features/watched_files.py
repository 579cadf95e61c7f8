"""`workspace/didChangeWatchedFiles`: code that changes on the disk without going through the editor."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_server.errors import InputError
from whetstone_server.features import diagnostics
from whetstone_server.features.feature import Feature
from whetstone_server.features.improvement import turned_down

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from whetstone_server.session import Session

PATTERNS = ("**/*.py", "**/*.ex", "**/*.exs", "**/pyproject.toml")
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
    """Let go what was learned by running the code as it was before, and soon what was rolled back by others."""
    for change in params.changes:
        if change.type == types.FileChangeType.Deleted:
            session.file_deleted(change.uri)
        else:
            session.code_changed(change.uri)
    for file in session.files:
        diagnostics.show(session, file)
    if session.verdicts.improvements():
        session.soon(_let_go(session))


async def _let_go(session: Session) -> None:
    """Let go the verdicts on what was rolled back or rejected in a terminal, or by another editor's server."""
    turned_down(session, *(await asyncio.to_thread(_turned_down, session.roots()) & session.verdicts.improvements()))


def _turned_down(roots: Sequence[Path]) -> frozenset[str]:
    from whetstone_server.improvements.history import History  # noqa: PLC0415 -- an editor's start does not wait for it

    found: set[str] = set()
    for root in roots:
        with suppress(InputError):  # which is said as soon as something is to be kept there
            known = History(root).improvements().values()
            found |= {each.id for each in known if each.status in {"rolled-back", "rejected"}}
    return frozenset(found)


FEATURE = Feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, did_change_watched_files)
