"""`whetstone.doctor`: what this machine offers and how the server fares, as `whetstone doctor` says it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lsprotocol import types

    from whetstone_server.diagnosis import Check
    from whetstone_server.session import Session

COMMAND = "whetstone.doctor"


async def doctor(session: Session, wanted: Mapping[str, Any], _: types.ProgressToken | None) -> dict[str, Any]:
    """Return every check for the project of the document `{uri}`, or for the first that is open when none is named.

    The figures about this server are the latest of each kind; there are none in its first minute.
    """
    from whetstone_server.vitals.report import checks_of  # noqa: PLC0415 -- an editor's start does not wait for it

    file = session.file(str(wanted.get("uri")))
    root = file.root if file and file.root else next(iter(session.roots()), None)
    machine = await asyncio.to_thread(_machine, root, session.trusted) if root else []
    found = [*machine, *checks_of(session.pulse.latest.values())]
    return {"version": 1, "root": root and str(root), "checks": [check._asdict() for check in found]}


def _machine(root: Path, trusted: bool) -> Sequence[Check]:
    """Look at the machine, which takes a second: engines are asked, and the interpreter starts in one."""
    from whetstone_server.sandbox.doctor import checks, store  # noqa: PLC0415 -- only whoever asks loads the sandbox
    from whetstone_server.scaffolding.doctor import checks as of_elixir  # noqa: PLC0415

    return [*checks(root, trusted=trusted), store(root), *of_elixir(root)]
