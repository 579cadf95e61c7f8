"""`whetstone.applied`: the editor made the edit of a proven fix, and the history is told.

Every proven fix names this command, which an editor runs once it has made the edit. Most tell of the edit first;
eglot does once nobody types, which is later.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from whetstone_server.errors import InputError, WhetstoneError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from whetstone_server.session import OpenFile, Session
    from whetstone_server.session.offers import Offer

COMMAND = "whetstone.applied"
NOT_MADE = "That fix was not made as it was offered, so Whetstone's history does not have it."


async def applied(session: Session, wanted: Mapping[str, Any], _: types.ProgressToken | None) -> dict[str, Any]:
    """Keep that the edit named by `{id}` was made, and return the ids of its improvements.

    Where the document still has the text that the edit is for, this happens when the editor tells of the edit.
    Raises `InputError` when the document has neither that text nor the one that the edit leads to, or one of them may
    not be applied any more, whose verdicts go then.
    """
    offer = session.offers.take(str(wanted.get("id")))
    file = session.file(offer.uri) if offer else None
    if offer is None or file is None or file.path is None:
        raise InputError(NOT_MADE)
    if file.source == offer.made[-1].after:
        await _keep(session, file.root or file.path.parent, file.path, offer)
    elif file.source == offer.made[0].before:
        session.offers.expect(offer)
    else:
        raise InputError(NOT_MADE)
    return {"version": 1, "applied": [each.improvement for each in offer.made]}


def edited(session: Session, file: OpenFile) -> None:
    """Keep the edit that was expected of a document, now that it has changed; say so when it became another one."""
    offer = session.offers.expected(file.uri)
    if offer is None or file.path is None:
        return
    if file.source == offer.made[-1].after:
        session.soon(_keep_late(session, file.root or file.path.parent, file.path, offer))
    else:
        session.say(NOT_MADE, types.MessageType.Warning)


async def _keep_late(session: Session, root: Path, path: Path, offer: Offer) -> None:
    try:
        await _keep(session, root, path, offer)
    except WhetstoneError as error:
        session.say(str(error), types.MessageType.Error)


async def _keep(session: Session, root: Path, path: Path, offer: Offer) -> None:
    try:
        await asyncio.to_thread(_note, root, path, offer)
    except InputError:
        for each in offer.made:
            session.verdicts.let_go(each.improvement)
        raise


def _note(root: Path, path: Path, offer: Offer) -> None:
    from whetstone_server.improvements.actors import person  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.improvements.elsewhere import note_applied  # noqa: PLC0415
    from whetstone_server.improvements.history import History  # noqa: PLC0415

    note_applied(History(root), path, offer.made, person(root))
