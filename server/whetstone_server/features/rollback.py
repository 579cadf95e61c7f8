"""`whetstone.rollback`: an applied improvement comes out of its files again, and what was changed since stays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from whetstone_server.features.apply_edit import send
from whetstone_server.features.improvement import named, roots_for, turned_down

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lsprotocol import types

    from whetstone_codegen import Edit
    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.improvements.rollback import RolledBack
    from whetstone_server.session import Session

COMMAND = "whetstone.rollback"


async def rollback(session: Session, wanted: Mapping[str, Any], _: types.ProgressToken | None) -> dict[str, Any]:
    """Roll the improvement `{id}` back, for the `{reason}` that may be given, and return its id and files.

    Its verdict goes with it. Raises `InputError`, shown to the person too, when it is not applied or the same lines
    were changed since.
    """
    reason = str(wanted["reason"]) if wanted.get("reason") else None
    with session.saying_why():
        history, improvement = await asyncio.to_thread(named, roots_for(session, wanted), str(wanted.get("id")))
        paths = await asyncio.to_thread(_paths, history, improvement)
        if any(session.file_at(path) for path in paths):
            done = await _edit(session, history, improvement, paths, reason)
        else:
            done = await asyncio.to_thread(_write, history, improvement, reason)
    turned_down(session, improvement.id)
    session.say(f"Rolled back {improvement.id} in {improvement.function} of {improvement.path}.")
    return {"version": 1, "id": improvement.id, "paths": [str(history.file_of(each.path)) for each in done]}


def _write(history: History, improvement: Improvement, reason: str | None) -> Sequence[RolledBack]:
    """Write files that no editor has open."""
    from whetstone_server.improvements.actors import person  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.improvements.rollback import roll_back  # noqa: PLC0415

    return roll_back(history, [improvement], person(history.root), reason)


def _paths(history: History, improvement: Improvement) -> Sequence[Path]:
    """Return its files, where they are now."""
    from whetstone_server.improvements.rollback import files  # noqa: PLC0415 -- an editor's start does not wait for it

    return files(history, improvement)


async def _edit(
    session: Session, history: History, improvement: Improvement, paths: Sequence[Path], reason: str | None
) -> Sequence[RolledBack]:
    """Have the editor change the files, of which it has at least one open, and keep that it did."""
    from whetstone_server.improvements.improvement import check_step  # noqa: PLC0415 -- as above

    check_step(improvement.id, improvement.status, "rolled-back")
    texts = {path: file.source for path in paths if (file := session.file_at(path))}
    done = await asyncio.to_thread(_without, history, improvement, texts)
    edits = {history.file_of(each.path): _edits(each) for each in done if each.before != each.after}
    if edits:
        await send(session, f"Roll back {improvement.id}", edits)
    await asyncio.to_thread(_keep, history, improvement, done, reason)
    return done


def _without(history: History, improvement: Improvement, texts: Mapping[Path, bytes]) -> Sequence[RolledBack]:
    """Return what becomes of the files, where `texts` are those that the editor has open."""
    from whetstone_server.improvements.elsewhere import saved  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.improvements.rollback import without  # noqa: PLC0415

    return without(history, improvement, lambda file: saved(file, texts[file]) if file in texts else file.read_bytes())


def _edits(done: RolledBack) -> tuple[bytes, Sequence[Edit]]:
    """Return the text of a file as an editor shows it, and the edits that roll it back."""
    from whetstone_server.improvements.changes import edits_between  # noqa: PLC0415 -- as above
    from whetstone_server.improvements.elsewhere import shown  # noqa: PLC0415

    before, after = shown(done.before), shown(done.after)
    return before, edits_between(before, after)


def _keep(history: History, improvement: Improvement, done: Sequence[RolledBack], reason: str | None) -> None:
    from whetstone_server.improvements.actors import person  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.improvements.elsewhere import note_rolled_back  # noqa: PLC0415

    note_rolled_back(history, improvement, done, person(history.root), reason)
