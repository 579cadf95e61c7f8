"""What an event is: something that happened once, in words that a newer Whetstone may add to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from whetstone_server.events.kinds import Payload


def now() -> int:
    """Return microseconds since 1970, by the wall clock."""
    return time.time_ns() // 1_000


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False):  # a payload holds no event, so no circle
    """One event. `id` and `count` are the store's to say; whoever records one leaves them alone."""

    kind: str
    """What happened, as `document.change`: the subject, and what became of it."""
    data: dict[str, Any] = {}
    """The fields of the kind's payload; for kinds that are not known here, whatever a newer version wrote."""
    source: str = "whetstone"
    """Who saw it: `editor`, `cli`, `ci` …"""
    path: str | None = None
    """The file it is about, as a path or a uri; nothing is read from it."""
    time: int = msgspec.field(default_factory=now)
    """Microseconds since 1970."""
    version: int = 1
    """Of the payload's fields."""
    id: str = ""
    """Its place in the order of whoever wrote it: `WRITER-NUMBER`. Empty before it is kept."""
    count: int = 1
    """For how many equal events in a row it stands."""

    @classmethod
    def of(cls, payload: Payload, **fields: Any) -> Event:
        """Return an event of the payload's own kind and version; `fields` are those of `Event`."""
        return cls(payload.kind, msgspec.structs.asdict(payload), version=payload.version, **fields)

    @property
    def action(self) -> str:
        """The last word of the kind: what became of its subject."""
        return self.kind.rpartition(".")[2]


encode = msgspec.msgpack.Encoder().encode
"""Returns an event's bytes."""
decode = msgspec.msgpack.Decoder(Event).decode
"""Returns the event that bytes hold."""
