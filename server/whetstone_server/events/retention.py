"""Retention: old events are let go, kind by kind, a few blocks at a time; rollups are kept a year.

What belongs to the history of improvements (`Payload.for_good`) is never let go.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

from whetstone_server.events import blocks, rollups, sealing
from whetstone_server.events.blocks import Block
from whetstone_server.events.event import now
from whetstone_server.events.kinds import KINDS

if TYPE_CHECKING:
    from whetstone_server.events.database import Database, Writing

DAY = 24 * 3_600_000_000
ROLLUP_DAYS = 366
BLOCKS_AT_ONCE = 32
PAUSE_S = 0.005
"""Between two changes, for those who wait to write."""
_TIME = struct.Struct(">Q")


def let_go_daily(database: Database, days: int) -> int:
    """Let go what is older than `days`, unless that was done within a day; return how many events that were."""
    today = now()
    with database.reading() as state:
        done = state.get(b"meta", b"let-go")
    if done is not None and today - _TIME.unpack(done)[0] < DAY:
        return 0
    gone = let_go(database, today - days * DAY)

    def finish(writing: Writing) -> None:
        rollups.let_go(writing, today - ROLLUP_DAYS * DAY)
        writing.put(b"meta", b"let-go", _TIME.pack(today))

    database.write(finish)
    return gone


def let_go(database: Database, before: int) -> int:
    """Let go all events from before a time, except those that are kept for good; return how many that were."""
    with database.reading() as state:
        kinds = sealing.kinds(state)
    gone = 0
    for kind, number in kinds.items():
        if kind in KINDS and KINDS[kind].for_good:
            continue
        while True:
            here = database.write(lambda writing, kind=kind, number=number: _let_go(writing, kind, number, before))  # type: ignore[misc]
            gone += here
            if not here:
                break
            time.sleep(PAUSE_S)
    return gone


def _let_go(writing: Writing, kind: str, number: int, before: int) -> int:
    """Remove a few of the oldest blocks of a kind; one that is not old as a whole is packed anew."""
    gone = 0
    for where, packed in _oldest(writing, number):
        if where.first >= before:
            break
        writing.delete(b"blocks", where.key)
        if where.last < before:
            gone += blocks.count(packed)
            continue
        events = Block(kind, blocks.count(packed), blocks.content(packed)).events()
        young = [event for event in events if event.time >= before]
        gone += len(events) - len(young)
        sealing.write_blocks(writing, number, young)
        break
    return gone


def _oldest(writing: Writing, number: int) -> list[tuple[sealing.Place, bytes]]:
    found = []
    for where, packed in sealing.upwards(writing, number):
        found.append((where, bytes(packed)))
        if len(found) == BLOCKS_AT_ONCE:
            break
    return found
