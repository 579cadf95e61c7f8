"""`whetstone.why`: what one improvement stands on, and who did what with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from whetstone_server.features.improvement import named, roots_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lsprotocol import types

    from whetstone_server.session import Session

COMMAND = "whetstone.why"


async def why(session: Session, wanted: Mapping[str, Any], _: types.ProgressToken | None) -> dict[str, Any]:
    """Return the page of the improvement `{id}` in Markdown. Raises `InputError` when there is none of that name."""
    with session.saying_why():
        identifier, text = await asyncio.to_thread(_told, roots_for(session, wanted), str(wanted.get("id")))
    return {"version": 1, "id": identifier, "markdown": text}


def _told(roots: Sequence[Path], improvement: str) -> tuple[str, str]:
    from whetstone_server.improvements.page import section  # noqa: PLC0415 -- an editor's start does not wait for it

    history, found = named(roots, improvement)
    return found.id, section(history, found)
