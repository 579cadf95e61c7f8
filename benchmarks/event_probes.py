"""Single measurements of the event store's benchmark; one of them runs in a process of its own."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from benchmarks.sqlite_stores import SqliteStore
from whetstone_server.events.event import Event
from whetstone_server.events.store import EventStore, open_for_reading, open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

AT_ONCE = 50
FOR_EVER_DAYS = 36_500


def recorded(store: EventStore, events: Sequence[Event]) -> None:
    """Record events as quickly as the ring takes them, and wait until all are on disk."""
    record, sleep = store.record, time.sleep
    for event in events:
        while not record(event):
            sleep(0.001)
    store.flush()


def latencies(store: EventStore, events: Sequence[Event]) -> list[float]:
    """Return how many microseconds each call took, in order of size."""
    taken, now, record = [], time.perf_counter_ns, store.record
    for at in range(0, len(events), AT_ONCE):
        for event in events[at : at + AT_ONCE]:
            began = now()
            record(event)
            taken.append((now() - began) / 1_000)
        store.flush()
    return sorted(taken)


def opened(folder: Path) -> None:
    with open_for_reading(folder) as store:
        assert len(store.newest(1)) == 1


def opened_sqlite(file: Path) -> None:
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    assert database.execute("SELECT * FROM events ORDER BY time DESC LIMIT 1").fetchone()
    database.close()


def held(kind: str, folder: str, trace: str) -> float:
    """Return by how many MB the anonymous memory of this process grows with an open store and some writes."""
    events = msgspec.msgpack.decode(Path(trace).read_bytes(), type=list[Event])
    before = _anonymous()
    if kind == "whetstone":
        store = open_store(Path(folder), retention_days=FOR_EVER_DAYS)
        recorded(store, events)
    else:
        peer = SqliteStore(Path(folder), composite=kind == "b")
        peer.ingest(events)
    return (_anonymous() - before) / 1_024


def _anonymous() -> int:
    text = Path("/proc/self/smaps_rollup").read_text()
    return int(text.partition("\nAnonymous:")[2].split()[0])
