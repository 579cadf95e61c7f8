"""What was proven and applied, told to the event store."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from whetstone_server import state
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from whetstone_server.events.kinds import Payload

log = logging.getLogger(__name__)


def note(root: Path, payload: Payload, path: str) -> None:
    """Record one event of the project at `root`; a store that cannot be had takes nothing away from a proof.

    The store is opened each time: a proof takes seconds, this takes milliseconds, and nobody has to close anything.
    """
    from whetstone_server.events import Event, open_store  # noqa: PLC0415 -- the start of the server does without

    try:
        with open_store(state.events(root)) as store:
            store.record(Event.of(payload, source="prove", path=path))
    except InputError as error:
        log.warning("%s", error)
