"""`whetstone.showHistory`: every improvement to a project, as data for a view and as a page for everybody else."""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from whetstone_server.errors import InputError
from whetstone_server.features.improvement import roots_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from whetstone_server.session import Session

COMMAND = "whetstone.showHistory"


async def show_history(session: Session, wanted: Mapping[str, Any], _: types.ProgressToken | None) -> dict[str, Any]:
    """Return the improvements of the project of `{uri}`, or of the first that is open, the newest first.

    The page is opened where the editor can do that, unless `{page: false}`. Raises `InputError` when there is no
    project or its history was tampered with.
    """
    root = next(iter(roots_for(session, wanted)), None)
    if root is None:
        raise InputError("Whetstone has no project open: open a file of the one that is meant.")
    with session.saying_why():
        file, improvements = await asyncio.to_thread(_written, root)
    if session.abilities.shows_documents and wanted.get("page") is not False:
        await session.client.window_show_document_async(types.ShowDocumentParams(uri=file.as_uri()))
    return {"version": 1, "root": str(root), "page": str(file), "improvements": improvements}


def _written(root: Path) -> tuple[Path, list[dict[str, Any]]]:
    """Write the page beside the history, and return it with what it is about."""
    from whetstone_server.improvements.disk import write_new  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.improvements.history import History  # noqa: PLC0415
    from whetstone_server.improvements.page import page  # noqa: PLC0415
    from whetstone_server.improvements.told import as_json  # noqa: PLC0415

    history = History(root)
    history.recover()
    newest_first = sorted(history.improvements().values(), key=lambda each: each.records[-1].number, reverse=True)
    file = history.folder / "history.md"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".history-{token_hex(4)}.md")  # several servers may write it at once
        write_new(draft, page(history, newest_first).encode())
        draft.replace(file)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}") from error
    return file, [as_json(each, str(history.file_of(each.path))) for each in newest_first]
