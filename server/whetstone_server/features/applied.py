"""`whetstone.applied`: the editor made the edit of a proven fix, and the history is told.

Every proven fix names this command, which an editor runs once it has made the edit.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lsprotocol import types

    from whetstone_server.session import Session
    from whetstone_server.session.offers import Offer

COMMAND = "whetstone.applied"


async def applied(session: Session, wanted: Mapping[str, Any], _: types.ProgressToken | None) -> dict[str, Any]:
    """Keep that the edit named by `{id}` was made, and return the ids of its improvements.

    Raises `InputError` when the document does not have the text that the edit leads to, or one of them may not be
    applied any more, whose verdicts go then.
    """
    offer = session.offers.take(str(wanted.get("id")))
    file = session.file(offer.uri) if offer else None
    if offer is None or file is None or file.path is None or file.source != offer.made[-1].after:
        raise InputError("That fix was not made as it was offered, so Whetstone's history does not have it.")
    try:
        await asyncio.to_thread(_keep, file.root or file.path.parent, file.path, offer)
    except InputError:
        for each in offer.made:
            session.verdicts.let_go(each.improvement)
        raise
    return {"version": 1, "applied": [each.improvement for each in offer.made]}


def _keep(root: Path, path: Path, offer: Offer) -> None:
    from whetstone_server.improvements.actors import person  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.improvements.elsewhere import note_applied  # noqa: PLC0415
    from whetstone_server.improvements.history import History  # noqa: PLC0415

    note_applied(History(root), path, offer.made, person(root))
