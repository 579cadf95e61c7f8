"""What an event store of the same promises looks like in SQLite, and in LMDB without anything around it.

The SQLite one is what such stores commonly are: a row for each event, its payload as JSON, indexes for what is asked
for, a hash against doubles, some events for each commit, and gzip where a payload is large.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections import defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import lmdb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from whetstone_server.events.event import Event

    Row = tuple[Any, ...]

_Item = TypeVar("_Item")
COMMIT_EVERY, SYNC_EVERY, DELETE_AT_ONCE = 100, 1_000, 5_000
GZIP_FROM = 1_024
MINUTE = 60_000_000
COLUMNS = "time, type, source, path, payload"


class SqliteStore:
    """Indexes on time, type and source and a unique hash, or composite ones and no hash."""

    def __init__(self, folder: Path, *, composite: bool, synchronous: str = "NORMAL") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file, self._composite = folder / "events.sqlite", composite
        self._database = sqlite3.connect(self.file, isolation_level=None)
        self._database.create_function("unpacked", 1, lambda packed: gzip.decompress(packed).decode())
        self._run("PRAGMA journal_mode=WAL")
        self._run(f"PRAGMA synchronous={synchronous}")
        digest = "" if composite else ", hash BLOB NOT NULL UNIQUE"
        self._run(
            "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, type TEXT NOT NULL, "
            f"source TEXT NOT NULL, path TEXT, payload NOT NULL{digest})"
        )
        for columns in ("time", "type, time", "source, time") if composite else ("time", "type", "source"):
            self._run(f"CREATE INDEX IF NOT EXISTS by_{columns.replace(', ', '_')} ON events ({columns})")
        places = "?, ?, ?, ?, ?" if composite else "?, ?, ?, ?, ?, ?"
        digest = "" if composite else ", hash"
        self._insert = f"INSERT OR IGNORE INTO events ({COLUMNS}{digest}) VALUES ({places})"
        self._row = _row if composite else _hashed_row

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._database.execute(statement, values)

    def ingest(self, events: Sequence[Event]) -> None:
        """Add events, some for each commit."""
        for some in _batched(events, COMMIT_EVERY):
            self._run("BEGIN")
            self._database.executemany(self._insert, map(self._row, some))
            self._run("COMMIT")

    def newest(self, number: int, kind: str | None = None) -> list[Row]:
        where, values = ("WHERE type = ?", [kind]) if kind else ("", [])
        found = self._run(f"SELECT {COLUMNS} FROM events {where} ORDER BY time DESC LIMIT ?", *values, number)
        return [_decoded(row) for row in found]

    def between(self, start: int, end: int) -> list[Row]:
        found = self._run(f"SELECT {COLUMNS} FROM events WHERE time >= ? AND time < ? ORDER BY time", start, end)
        return [_decoded(row) for row in found]

    def search(self, word: str, number: int) -> list[Row]:
        return [_decoded(row) for row in self._run(f"{_holding(COLUMNS)} ORDER BY time DESC LIMIT ?2", word, number)]

    def count(self, word: str) -> int:
        return int(self._run(_holding("count(*)"), word).fetchone()[0])

    def per_minute(self, start: int, end: int) -> dict[str, dict[int, int]]:
        found: dict[str, dict[int, int]] = defaultdict(dict)
        for kind, minute, count in self._run(
            f"SELECT type, time / {MINUTE}, count(*) FROM events WHERE time >= ? AND time < ? GROUP BY 1, 2", start, end
        ):
            found[kind][minute] = count
        return found

    def let_go(self, before: int) -> int:
        """Delete what is older, some at once."""
        gone = 0
        while True:
            here = self._run(
                f"DELETE FROM events WHERE id IN (SELECT id FROM events WHERE time < ? LIMIT {DELETE_AT_ONCE})", before
            ).rowcount
            gone += here
            if not here:
                return gone

    def close(self) -> None:
        self._run("PRAGMA wal_checkpoint(TRUNCATE)")
        self._database.close()

    def compacted(self, file: Path) -> int:
        """Return the bytes of a copy without any gaps."""
        file.unlink(missing_ok=True)
        self._run("VACUUM INTO ?", str(file))
        return file.stat().st_size


class PlainLmdb:
    """Encoded events by the thousand into LMDB: what a commit costs without any work."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.file = folder / "data.mdb"
        self._environment = lmdb.open(str(folder), map_size=1 << 34, lib_version=0)

    def ingest(self, pairs: Sequence[tuple[bytes, bytes]]) -> None:
        for some in _batched(pairs, SYNC_EVERY):
            with self._environment.begin(write=True) as transaction, transaction.cursor() as cursor:
                cursor.putmulti(some, append=True)

    def close(self) -> None:
        self._environment.close()


def _batched(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    return (items[at : at + size] for at in range(0, len(items), size))


def _row(event: Event) -> Row:
    return *_before_payload(event), _payload(_json(event))


def _hashed_row(event: Event) -> Row:
    before, text = _before_payload(event), _json(event)
    return *before, _payload(text), sha256(f"{before}{text}".encode()).digest()


def _before_payload(event: Event) -> Row:
    return event.time, event.kind, event.source, event.path


def _json(event: Event) -> str:
    return json.dumps(event.data, separators=(",", ":"))


def _payload(text: str) -> str | bytes:
    return gzip.compress(text.encode()) if len(text) > GZIP_FROM else text


def _decoded(row: Row) -> Row:
    payload = row[4]
    text = payload if type(payload) is str else gzip.decompress(payload)
    return *row[:4], json.loads(text)


def _holding(columns: str) -> str:
    return (
        f"SELECT {columns} FROM events WHERE instr(CASE typeof(payload) WHEN 'text' THEN payload "
        "ELSE unpacked(payload) END, ?1) OR instr(path, ?1) OR instr(type, ?1) OR instr(source, ?1)"
    )
