"""`workspace/didRenameFiles` and `didDeleteFiles`: verdicts go along with a file, or go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_server.features import diagnostics
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from whetstone_server.session import Session

_PYTHON = types.FileOperationPattern(glob="**/*.{py,pyw}", matches=types.FileOperationPatternKind.File)
_FOLDERS = types.FileOperationPattern(glob="**", matches=types.FileOperationPatternKind.Folder)
OPTIONS = types.FileOperationRegistrationOptions(
    filters=[types.FileOperationFilter(pattern, scheme="file") for pattern in (_PYTHON, _FOLDERS)]
)


def did_rename_files(session: Session, params: types.RenameFilesParams) -> None:
    """Let verdicts follow files that only got another name, and let all others go: imports may lead elsewhere now."""
    for renamed in params.files:
        session.file_renamed(renamed.old_uri, renamed.new_uri)
    diagnostics.show_again(session)


def did_delete_files(session: Session, params: types.DeleteFilesParams) -> None:
    """Let go what was learned by running code that is not there any more, or that used it."""
    for deleted in params.files:
        session.file_deleted(deleted.uri)
    diagnostics.show_again(session)


FEATURES = (
    Feature(types.WORKSPACE_DID_RENAME_FILES, did_rename_files, OPTIONS),
    Feature(types.WORKSPACE_DID_DELETE_FILES, did_delete_files, OPTIONS),
)
