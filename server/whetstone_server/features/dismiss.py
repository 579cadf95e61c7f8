"""`whetstone.dismiss`: an improvement that waits for a person is rejected, as what its proof assumed does not hold."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from whetstone_server.features.improvement import named, roots_for, turned_down

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lsprotocol import types

    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.session import Session

COMMAND = "whetstone.dismiss"


async def dismiss(session: Session, wanted: Mapping[str, Any], _: types.ProgressToken | None) -> dict[str, Any]:
    """Reject the improvement `{id}`, for the `{reason}` that may be given, and return its id.

    Its verdict goes with it. Raises `InputError`, shown to the person too, when it does not wait for a decision.
    """
    reason = str(wanted["reason"]) if wanted.get("reason") else None
    with session.saying_why():
        rejected = await asyncio.to_thread(_reject, roots_for(session, wanted), str(wanted.get("id")), reason)
    turned_down(session, rejected.id)
    session.say(f"Rejected {rejected.id} in {rejected.function} of {rejected.path}.")
    return {"version": 1, "id": rejected.id}


def _reject(roots: Sequence[Path], improvement: str, reason: str | None) -> Improvement:
    from whetstone_server.improvements.actors import person  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.improvements.decisions import reject  # noqa: PLC0415

    history, found = named(roots, improvement)
    reject(history, [found.id], person(history.root), reason)
    return found
