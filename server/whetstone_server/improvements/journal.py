"""What was proven and what became of it, told to the event store."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from whetstone_server import state
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from whetstone_server.events.kinds import Payload
    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.improvements.record import Record

log = logging.getLogger(__name__)


def note(root: Path, payload: Payload, path: str) -> None:
    """Record one event of the project at `root`; a store that cannot be had takes nothing away from a proof."""
    _record(root, "prove", [(payload, path)])


def tell(root: Path, records: Sequence[Record], improvements: Mapping[str, Improvement]) -> bool:
    """Record a step of an improvement for each record of the history; return whether there was a store for it."""
    about = [improvements[record.improvement] for record in records]
    payloads = [_payload(record, each) for record, each in zip(records, about, strict=True)]
    return _record(root, "history", [(payload, each.path) for payload, each in zip(payloads, about, strict=True)])


def _record(root: Path, source: str, events: Sequence[tuple[Payload, str]]) -> bool:
    """Record events; the store is opened each time, which takes milliseconds, and nobody has to close anything."""
    from whetstone_server.events import Event, open_store  # noqa: PLC0415 -- the start of the server does without

    try:
        with open_store(state.events(root)) as store:
            kept = [store.record(Event.of(payload, source=source, path=path)) for payload, path in events]
    except InputError as error:
        log.warning("%s", error)
        return False
    return all(kept)


def _payload(record: Record, about: Improvement) -> Payload:
    from whetstone_server.events import kinds  # noqa: PLC0415 -- as above

    known = record.improvement
    who, why, number = str(record.actor), record.reason or "", record.number
    match record.step:
        case "proposed":
            return kinds.ImprovementProposed(known, about.code, about.function, number)
        case "testing":
            return kinds.ImprovementTesting(known, number)
        case "approved":
            return kinds.ImprovementApproved(known, why, who, number)
        case "rejected":
            return kinds.ImprovementRejected(known, why, who, number)
        case "applied":
            return kinds.ImprovementApplied(known, about.code, about.function, who, number)
        case "rolled-back":
            return kinds.ImprovementRolledBack(known, why, who, number)
