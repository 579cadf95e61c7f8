"""`whetstone.apply`: an approved improvement goes into its file, through the editor where that has it open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from whetstone_server.errors import InputError
from whetstone_server.features.apply_edit import send
from whetstone_server.features.improvement import named, roots_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lsprotocol import types

    from whetstone_codegen import Edit
    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.session import OpenFile, Session

COMMAND = "whetstone.apply"


async def apply(session: Session, wanted: Mapping[str, Any], _: types.ProgressToken | None) -> dict[str, Any]:
    """Apply the improvement `{id}`, or as much of its beginning as only it has, and return its id and file.

    Raises `InputError`, shown to the person too, when it is not approved or its text is not what was proven.
    """
    with session.saying_why():
        history, improvement = await asyncio.to_thread(named, roots_for(session, wanted), str(wanted.get("id")))
        path = history.file_of(improvement.path)
        file = session.file_at(path)
        if file is None:
            await asyncio.to_thread(_write, history, improvement)
        else:
            await _edit(session, history, improvement, file)
    session.say(f"Applied {improvement.id} in {improvement.function} of {improvement.path}.")
    return {"version": 1, "id": improvement.id, "path": str(path)}


def _write(history: History, improvement: Improvement) -> None:
    """Write it into a file that no editor has open."""
    from whetstone_server.improvements import apply  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.improvements.actors import person  # noqa: PLC0415

    apply.apply(history, [improvement], person(history.root))


async def _edit(session: Session, history: History, improvement: Improvement, file: OpenFile) -> None:
    """Have the editor make the edit, and keep that it did."""
    from whetstone_codegen import applied  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.improvements.improvement import check_step  # noqa: PLC0415

    check_step(improvement.id, improvement.status, "applied")
    path, source = history.file_of(improvement.path), file.source
    edits = await asyncio.to_thread(_edits, history, improvement, source)
    after = applied(source, tuple(edits))
    await send(session, f"Apply {improvement.id}", {path: (source, edits)})
    await asyncio.to_thread(_keep, history, improvement, path, source, after)


def _edits(history: History, improvement: Improvement, source: bytes) -> Sequence[Edit]:
    """Return the edits of its rewrite for the text in the editor; raises `InputError` when that is another one."""
    from whetstone_codegen import Edit  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.improvements.apply import applicable  # noqa: PLC0415
    from whetstone_server.improvements.elsewhere import shown  # noqa: PLC0415

    proof = applicable(history, improvement, history.improvements().values())
    proven = proof.candidate.source
    if proof.rewrite is None or shown(proven) != source:
        raise InputError(
            f"{improvement.path} has changed since its rewrite was proven, so it was left alone; prove it again"
        )
    mark = len(proven) - len(source)
    return [Edit(span.shifted(-mark), text) for span, text in proof.rewrite.edits]


def _keep(history: History, improvement: Improvement, path: Path, before: bytes, after: bytes) -> None:
    from whetstone_server.improvements.actors import person  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.improvements.elsewhere import note_applied  # noqa: PLC0415

    note_applied(history, path, [(improvement.id, before, after)], person(history.root))
