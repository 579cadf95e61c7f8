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
BLOCKS_AT_ONCE = 128
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
    gone = 0
    while True:
        blocks_seen, events = database.write(lambda writing: _let_some_go(writing, before))
        gone += events
        if blocks_seen < BLOCKS_AT_ONCE:
            return gone
        time.sleep(PAUSE_S)


def _let_some_go(writing: Writing, before: int) -> tuple[int, int]:
    """Remove some old blocks, and pack anew those that are not old as a whole; return how many, and of how many events.

    The blocks are counted as they were looked at, the events as they were removed.
    """
    seen = gone = 0
    for kind, number, where, packed in _oldest(writing, before):
        seen += 1
        writing.delete(b"blocks", where.key)
        if where.last < before:
            gone += blocks.count(packed)
            continue
        events = Block(kind, blocks.count(packed), blocks.content(packed)).events()
        young = [event for event in events if event.time >= before]
        gone += len(events) - len(young)
        sealing.write_blocks(writing, number, young)
    return seen, gone


def _oldest(writing: Writing, before: int) -> list[tuple[str, int, sealing.Place, bytes]]:
    """Return the first blocks of those that begin before a time, with kind and number, one kind after the other."""
    found: list[tuple[str, int, sealing.Place, bytes]] = []
    for kind, number in sealing.kinds(writing).items():
        if kind in KINDS and KINDS[kind].for_good:
            continue
        for where, packed in sealing.upwards(writing, number):
            if where.first >= before or len(found) == BLOCKS_AT_ONCE:
                break
            found.append((kind, number, where, packed))
    return found
