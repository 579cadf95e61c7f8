"""What the event store costs and how quickly it answers, against SQLite and against LMDB without anything around it.

    python -m benchmarks.events --into FOLDER [--events 1000000] [--rounds 3] [--write]

The events are those of somebody who types the differences between real releases; these are fetched into FOLDER.
The stores take turns in each round. `--write` puts the tables under the heading "Events" of benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks import event_trace, readme
from benchmarks.event_bars import (
    BY_MINUTE,
    COMMON,
    COMMON_ALL,
    COMPACT,
    COMPOSITE,
    COMPOSITE_FULL,
    CPU,
    FULL,
    IN_HOUR,
    IN_MINUTE,
    IN_SECOND,
    INGEST,
    LET_GO,
    MEMORY,
    NEWEST,
    NEWEST_KIND,
    NORMAL,
    OPEN,
    OURS,
    P50,
    P99,
    PLAIN,
    RARE,
    RARE_ALL,
    SIZE,
    WORST,
    Results,
    table,
)
from benchmarks.event_probes import AT_ONCE, FOR_EVER_DAYS, latencies, opened, opened_sqlite, recorded
from benchmarks.sqlite_stores import COMMIT_EVERY, SYNC_EVERY, PlainLmdb, SqliteStore
from whetstone_server.events import maintenance, retention
from whetstone_server.events.event import Event, encode
from whetstone_server.events.reading import FOREVER
from whetstone_server.events.store import EventStore, open_for_reading, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PEERS = {FULL: (False, "FULL"), NORMAL: (False, "NORMAL"), COMPOSITE_FULL: (True, "FULL"), COMPOSITE: (True, "NORMAL")}
LATENCIES, HELD = 20_000, 20_000
COMMON_WORD = "click"
"""In paths and in texts; of what is typed key by key most words are in no event as a whole."""
SECOND, MINUTE, HOUR = 1_000_000, 60_000_000, 3_600_000_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    files = event_trace.edits(event_trace.fetched(chosen.into))
    events, passes = event_trace.typed(files, chosen.events)
    gc.collect()
    gc.freeze()  # the ready-made events are not what a collection should walk through again and again
    stores = chosen.into / "stores"
    shutil.rmtree(stores, ignore_errors=True)
    text = Benchmark(events, stores, chosen.rounds).tables(preamble(events, passes))
    print(text)
    if chosen.write:
        readme.write("Events", "python -m benchmarks.events --into FOLDER --write", text)


def preamble(events: Sequence[Event], passes: float) -> str:
    kinds = Counter(event.kind for event in events)
    mix = ", ".join(f"{kind} {count / len(events):.2%}" for kind, count in kinds.most_common())
    named = "; ".join(f"{name} {', '.join(versions)}" for name, versions in event_trace.RELEASES.items())
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f} at the start, {time.strftime('%Y-%m-%d')}.\n"
        f"{len(events):,} events over {(events[-1].time - events[0].time) / HOUR:.0f} hours: {mix}.\n"
        f"They type the differences between successive releases, {passes:.1f} times over with different dice: {named}."
    )


class Benchmark:
    """One run: the stores take turns, and the tables say median, least and most of the rounds."""

    def __init__(self, events: Sequence[Event], folder: Path, rounds: int) -> None:
        self._events, self._folder, self._rounds = events, folder, rounds
        self._fewer = events[:100_000]
        self._pairs = [(event.time.to_bytes(8), encode(event)) for event in events]
        self._results: Results = defaultdict(lambda: defaultdict(list))
        self._held = folder / "first.msgpack"
        folder.mkdir(parents=True)
        self._held.write_bytes(msgspec.msgpack.encode(events[:HELD]))
        texts = Counter(word for event in events for word in re.findall(r"[A-Za-z]{7,}", event.data.get("text", "")))
        paths = " ".join({event.path or "" for event in events})
        self.rare = min((word for word in texts if word not in paths), key=lambda word: (texts[word], word))
        self._common_times = sum(COMMON_WORD in f"{event.path} {event.data.get('text')}" for event in events)

    def tables(self, preamble: str) -> str:
        """Measure, and return the section of the README."""
        for number in range(self._rounds):
            print(f"writing, round {number + 1} of {self._rounds}", file=sys.stderr)
            self._written(number)
        ours, peers = self._filled()
        for number in range(self._rounds):
            print(f"reading, round {number + 1} of {self._rounds}", file=sys.stderr)
            self._read(ours, peers, random.Random(number))
            self._shrunk(ours, peers)
        writing = table(self._results, [INGEST, CPU, P50, P99, WORST], [OURS, *PEERS, PLAIN])
        kept = [SIZE, COMPACT, NEWEST, NEWEST_KIND, IN_SECOND, IN_MINUTE, IN_HOUR, RARE, RARE_ALL, COMMON, COMMON_ALL]
        kept += [BY_MINUTE, LET_GO, OPEN, MEMORY]
        reading = table(self._results, kept, [OURS, NORMAL, COMPOSITE])
        return "\n\n".join(
            [preamble, self._notes(), f"### Writing\n\n{writing}", f"### Keeping and reading\n\n{reading}"]
        )

    def _notes(self) -> str:
        fewer = f"{len(self._fewer):,}"
        return (
            "(a) is SQLite in WAL mode: a row for each event, JSON, indexes on time, type and source, a unique "
            f"SHA-256, {COMMIT_EVERY} events for each commit, gzip above 1 KB.\n"
            "(b) is the same with indexes on time, (type, time) and (source, time), and without the hash.\n"
            f"(c) is LMDB alone, given encoded events, a commit for each {SYNC_EVERY:,}.\n"
            f"Each cell is the median of {self._rounds} rounds in which the stores take turns, then the least and the "
            "most; other work shared the processors.\n"
            "Within a round each store answers all questions of one kind before the next one does: what a scan of a "
            "whole table leaves in the processor's caches would be counted against whoever comes after it.\n"
            f"Ingest of SQLite was measured with {fewer} events in each round, that of the others with all of them.\n"
            "For what is kept and read, (a) and (b) were filled once with all events, without waiting for the disk.\n"
            f"record() was timed {LATENCIES:,} times in each round, in bursts of {AT_ONCE}, each waited for.\n"
            f"The rare word is `{self.rare}`, the common one `{COMMON_WORD}`, in {self._common_times:,} events. SQLite "
            "looks for them with `instr`; of all with the common word it only says how many, and Whetstone reads them."
        )

    # -- writing -----------------------------------------------------------------------------------------------------

    def _written(self, number: int) -> None:
        folder = self._folder / "writing"
        shutil.rmtree(folder, ignore_errors=True)
        with open_store(folder / OURS, retention_days=FOR_EVER_DAYS) as store:
            self._ingested(OURS, lambda: recorded(store, self._events), len(self._events))
        for name, (composite, synchronous) in PEERS.items():
            peer = SqliteStore(folder / name, composite=composite, synchronous=synchronous)
            self._ingested(name, partial(peer.ingest, self._fewer), len(self._fewer))
            peer.close()
        plain = PlainLmdb(folder / PLAIN)
        self._ingested(PLAIN, lambda: plain.ingest(self._pairs), len(self._pairs))
        plain.close()
        with open_store(folder / "latency", retention_days=FOR_EVER_DAYS) as store:
            at = number * LATENCIES % max(1, len(self._events) - LATENCIES)
            taken = latencies(store, self._events[at : at + LATENCIES])
        self._results[P50][OURS].append(taken[len(taken) // 2])
        self._results[P99][OURS].append(taken[len(taken) * 99 // 100])
        self._results[WORST][OURS].append(taken[-1])
        for name, kind in ((OURS, "whetstone"), (NORMAL, "a"), (COMPOSITE, "b")):
            self._results[MEMORY][name].append(self._memory(kind, folder / f"memory-{kind}"))
        shutil.rmtree(folder)

    def _ingested(self, name: str, work: Callable[[], None], count: int) -> None:
        os.sync()  # what an earlier store left to be written is not this one's to wait for
        used, began = time.process_time(), time.perf_counter()
        work()
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        self._results[INGEST][name].append(count / wall / 1_000)
        self._results[CPU][name].append(cpu / count * 1e6)

    def _memory(self, kind: str, folder: Path) -> float:
        work = f"from benchmarks.event_probes import held; print(held({kind!r}, {str(folder)!r}, {str(self._held)!r}))"
        done = subprocess.run([sys.executable, "-c", work], capture_output=True, text=True, check=True)
        return float(done.stdout)

    # -- reading -----------------------------------------------------------------------------------------------------

    def _filled(self) -> tuple[Path, dict[str, SqliteStore]]:
        """Fill one store of each kind with everything, and note their sizes."""
        print("filling", file=sys.stderr)
        ours, total = self._folder / OURS, len(self._events)
        with open_store(ours, retention_days=FOR_EVER_DAYS) as store:
            recorded(store, self._events)
            store.checkpoint()
        self._results[SIZE][OURS].append((ours / "data.mdb").stat().st_size / total)
        copy = self._copied(ours)
        self._results[COMPACT][OURS].append(maintenance.compact(copy)[1] / total)
        peers = {}
        for name in (NORMAL, COMPOSITE):
            folder, composite = self._folder / name, name == COMPOSITE
            filling = SqliteStore(folder, composite=composite, synchronous="OFF")
            filling.ingest(self._events)
            filling.close()
            peers[name] = SqliteStore(folder, composite=composite)
            self._results[SIZE][name].append(peers[name].file.stat().st_size / total)
            self._results[COMPACT][name].append(peers[name].compacted(self._folder / "compact.sqlite") / total)
        return ours, peers

    def _read(self, ours: Path, peers: dict[str, SqliteStore], dice: random.Random) -> None:
        for _ in range(20):
            self._timed(OPEN, OURS, lambda: opened(ours))
            for name, peer in peers.items():
                self._timed(OPEN, name, partial(opened_sqlite, peer.file))
        self._one_value(OPEN)
        times = [event.time for event in self._events]
        day = times[len(times) // 2] // HOUR * HOUR - 4 * HOUR
        with open_for_reading(ours) as store:
            queries: dict[str, tuple[int, Callable[[EventStore, int], Any], Callable[[SqliteStore, int], Any]]] = {
                NEWEST: (50, lambda us, _: us.newest(100), lambda them, _: them.newest(100)),
                NEWEST_KIND: (
                    5,
                    lambda us, _: us.newest(100, kind="document.change"),
                    lambda them, _: them.newest(100, "document.change"),
                ),
                IN_SECOND: _range(SECOND, 50),
                IN_MINUTE: _range(MINUTE, 50),
                IN_HOUR: _range(HOUR, 5),
                RARE: (3, lambda us, _: us.search(self.rare), lambda them, _: them.search(self.rare, 100)),
                RARE_ALL: (
                    3,
                    lambda us, _: us.between(text=self.rare),
                    lambda them, _: them.search(self.rare, FOREVER),
                ),
                COMMON: (3, lambda us, _: us.search(COMMON_WORD), lambda them, _: them.search(COMMON_WORD, 100)),
                COMMON_ALL: (
                    3,
                    lambda us, _: sum(event.count for event in us.between(text=COMMON_WORD)),
                    lambda them, _: them.count(COMMON_WORD),
                ),
                BY_MINUTE: (
                    20,
                    lambda us, _: us.per_minute(day, day + 24 * HOUR - 1),
                    lambda them, _: them.per_minute(day, day + 24 * HOUR),
                ),
            }
            for measure, (number, asked_of_us, asked_of_them) in queries.items():
                starts = dice.choices(times, k=number)
                found = [self._timed(measure, OURS, partial(asked_of_us, store, start)) for start in starts]
                for name, peer in peers.items():
                    for start, ours_found in zip(starts, found, strict=True):
                        theirs = self._timed(measure, name, partial(asked_of_them, peer, start))
                        _check_equal(measure, ours_found, theirs)
                self._one_value(measure)

    def _shrunk(self, ours: Path, peers: dict[str, SqliteStore]) -> None:
        before = self._events[len(self._events) // 2].time
        with open_store(self._copied(ours), retention_days=FOR_EVER_DAYS) as store:
            store.flush()
            os.sync()
            self._timed(LET_GO, OURS, lambda: retention.let_go(store._database, before))  # noqa: SLF001
        for name, peer in peers.items():
            folder = self._folder / "shrinking"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            shutil.copy(peer.file, folder)
            os.sync()
            copy = SqliteStore(folder, composite=name == COMPOSITE)
            self._timed(LET_GO, name, partial(copy.let_go, before))
            copy.close()
        self._one_value(LET_GO)

    def _copied(self, ours: Path) -> Path:
        copy = self._folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        shutil.copy(ours / "data.mdb", copy)
        return copy

    def _timed(self, measure: str, name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        found = work()
        self._results["now: " + measure][name].append((time.perf_counter() - began) * 1_000)
        return found

    def _one_value(self, measure: str) -> None:
        """Turn what was timed in this round into the median that stands for the round."""
        for name, times in self._results.pop("now: " + measure).items():
            self._results[measure][name].append(statistics.median(times))


def _range(length: int, number: int) -> tuple[int, Callable[[EventStore, int], Any], Callable[[SqliteStore, int], Any]]:
    return (
        number,
        lambda us, start: us.between(start, start + length),
        lambda them, start: them.between(start, start + length),
    )


def _check_equal(measure: str, ours: Any, theirs: Any) -> None:
    """Raise when two stores do not give the same answer, where repeats that were merged cannot explain it."""
    if measure == NEWEST_KIND:
        ours, theirs = [event.time for event in ours], [row[0] for row in theirs]
    elif measure == BY_MINUTE:
        every = {
            kind: {ours.first + at: count for at, count in enumerate(counts) if count}
            for kind, counts in ours.counts.items()
        }
        ours = {kind: minutes for kind, minutes in every.items() if minutes and kind != "events.dropped"}
    elif measure in (RARE, RARE_ALL, COMMON):
        ours, theirs = len(ours), len(theirs)
    elif measure != COMMON_ALL:
        return
    if ours != theirs:
        raise SystemExit(f"{measure}: the stores do not agree: {str(ours)[:300]} and {str(theirs)[:300]}")


if __name__ == "__main__":
    main()
