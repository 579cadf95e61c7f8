"""Holds the event store to its promise of durability: `python -m benchmarks.durability [--kills 1000] [--cuts 1000]`.

A process records numbered events as fast as it can and says which ones were kept. Then one of these happens to it:

- it is killed (kill -9) at a random instant, often in the same folder, so that what one left behind meets the next;
- it is killed before, or right behind, the first, second, third … system call that writes, synchronises, locks or
  moves a file;
- the power is cut, which is modelled: what it wrote into the database is taken from a trace, all of it up to the last
  completed synchronisation is there again, and of what follows each page by the toss of a coin;
- the power is cut, and of its ring, which nobody synchronises, each page is as it was earlier or as it was in the end.

After each, the store must open, hold no damage, and hold what was promised exactly once. A table says how often that
was tried, and the status is 1 when it did not hold. The system calls and the trace need `strace`.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.events import Event, EventStore, StoreError, open_for_reading, open_store
from whetstone_server.events.kinds import DocumentChange, DocumentClose, DocumentSave
from whetstone_server.events.maintenance import verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parent.parent
PAGE = 4_096
NO_END = 1 << 40
KILLS_IN_A_FOLDER = 15
CUTS_OF_A_RING = 10
CALLS = (
    "pwrite64",
    "pwritev",
    "writev",
    "fdatasync",
    "fsync",
    "msync",
    "ftruncate",
    "fallocate",
    "rename",
    "unlink",
    "flock",
)
"""At each of which a writer is killed."""
PLACES = {"before": "SIGKILL", "behind": "SIGTERM"}
"""With what: under a tracer only the first keeps the call from being made, and a writer does not handle the second."""
EACH_TIME = range(1, 1_000)
TRACED = "openat,lseek,pwrite64,pwritev,writev,write,fdatasync,fsync"
TOLD = struct.Struct("<cQ")
"""What a writer says on its standard output: one of the letters below, and the number it is about."""
BEGUN, KEPT, FLUSHED = b"b", b"k", b"f"


@dataclass
class Result:
    """What came of one way to end a writer."""

    name: str
    tries: int = 0
    events: int = 0
    """How many had to be there, in all."""
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.name:48} {self.tries:7,} {self.events:12,} {len(self.problems):9,}"


class Write(NamedTuple):
    """Bytes on their way into the file; `durable` says that the call returned only when they were there."""

    offset: int
    content: bytes
    durable: bool

    def pages(self) -> Iterator[tuple[int, bytes]]:
        """Yield the parts that are there or not there as a whole."""
        start = self.offset
        while start < self.offset + len(self.content):
            end = min(start - start % PAGE + PAGE, self.offset + len(self.content))
            yield start, self.content[start - self.offset : end - self.offset]
            start = end


class Sync(NamedTuple):
    """All writes before it are on the device."""


class Told(NamedTuple):
    """What the writer said at this instant."""

    mark: bytes
    number: int


Step = Write | Sync | Told


def main(arguments: Sequence[str]) -> int:
    """Try everything; 1 when a promise was broken, 2 when something to try it with is missing."""
    asked = _parser().parse_args(arguments)
    if asked.write:
        folder, first, last, seed, pause = asked.write
        write_numbers(Path(folder), int(first), int(last), int(seed), int(pause))
        return 0
    if not can_trace():
        print("strace is not installed, or may not trace here: apt-get install strace")
        return 2
    print(f"{'a writer and its store':48} {'tries':>7} {'promised':>12} {'problems':>9}")
    results = []
    for result in _all(asked.kills, asked.cuts, asked.seed):
        print(result, flush=True)
        results.append(result)
    for result in results:
        for problem in result.problems:
            print(f"{result.name}: {problem}")
    return int(any(result.problems for result in results))


def can_trace() -> bool:
    """Whether `strace` is there and may trace."""
    return (
        bool(shutil.which("strace"))
        and not subprocess.run(["strace", "-o", os.devnull, "true"], check=False).returncode
    )


def random_kills(times: int, seed: int) -> Result:
    """Kill a writer at random instants; some leftovers are first met by a reader, and taken in by the next writer."""
    result, dice = Result("killed at a random instant"), random.Random(seed)
    with tempfile.TemporaryDirectory() as home:
        for turn in range(times):
            if turn % KILLS_IN_A_FOLDER == 0:
                folder, reached = Path(home) / str(turn), 0
            kept, faults = _killed(folder, reached + 1, dice)
            result.tries += 1
            result.events += max(kept - reached, 0)
            reached, more = after_kill(folder, max(kept, reached), by_writer=dice.random() < 0.5)
            result.problems += [f"turn {turn}: {fault}" for fault in faults + more]
    return result


def kills_in_creation(calls: Sequence[str] = CALLS, times: Sequence[int] = EACH_TIME) -> Result:
    """Kill a writer in an empty folder the first, second … time it makes a call, until it does not make it so often."""
    result = Result("killed at a call, in a new store")
    with tempfile.TemporaryDirectory() as home:
        for call, place in product(calls, PLACES):
            for nth in times:
                folder = Path(home) / f"{call}-{place}-{nth}" / "events"
                if not _try_call(result, folder, (call, place, nth), reached=0, events=4, by_writer=True):
                    break
    return result


def kills_in_commits(calls: Sequence[str] = CALLS, times: Sequence[int] = EACH_TIME) -> Result:
    """Do the same to writers in a store that others left; every other time the next one finds it as it is."""
    result, reached, events = Result("killed at a call, in the store left behind"), 1, 40
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "events"
        write_numbers(folder, 1, 1, 0, 1, told=False)
        for call, place in product(calls, PLACES):
            for nth in times:
                came_to = _try_call(result, folder, (call, place, nth), reached, events, by_writer=nth % 2 == 0)
                reached = came_to or reached + events
                if not came_to:
                    break
    return result


def power_cuts(cuts: int, seed: int, events: int = 4_000) -> Result:
    """Cut the power at random places of one run of a writer, and look at the database that is left."""
    result, dice = Result("power cut, as the database is left"), random.Random(seed)
    with tempfile.TemporaryDirectory() as home:
        before, steps = recorded(Path(home) / "traced", events, seed)
        folder = Path(home) / "events"
        for content, least, most in left_by_cuts(before, steps, cuts, dice):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            (folder / "data.mdb").write_bytes(content)
            result.tries += 1
            result.events += least
            result.problems += [f"cut {result.tries}: {each}" for each in after_cut(folder, least, most)]
    return result


def torn_rings(cuts: int, seed: int) -> Result:
    """Cut the power while events wait in a ring, each page of which is on the device as it was or as it is."""
    result, dice = Result("power cut, as the ring is left"), random.Random(seed)
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "events"
        for turn in range(cuts):
            if turn % CUTS_OF_A_RING == 0:
                whole = Path(home) / str(turn)
                before, after, kept = _two_states(whole, dice)
                shutil.rmtree(whole / "rings")
                with open_for_reading(whole) as store:
                    committed, _ = faults_of(store, 0, kept + 1)
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(whole, folder)
            (folder / "rings").mkdir()
            pages = [dice.choice((before, after))[at : at + PAGE] for at in range(0, len(after), PAGE)]
            (folder / "rings" / "left.ring").write_bytes(b"".join(pages))
            result.tries += 1
            result.events += committed
            result.problems += [f"cut {result.tries}: {each}" for each in after_cut(folder, committed, kept + 1)]
    return result


def write_numbers(folder: Path, first: int, last: int, seed: int, pause: int, *, told: bool = True) -> None:
    """Record numbered events, each until it is kept; one time in `pause` flush or pack, and reopen more rarely."""
    dice, number = random.Random(seed), first
    _tell(told, BEGUN, first)
    while number <= last:
        with open_store(folder) as store:
            for number in range(number, min(last, number + dice.randrange(20 * pause)) + 1):  # noqa: B020 -- it goes on
                while not store.record(numbered(number)):
                    store.flush()
                _tell(told, KEPT, number)
                if dice.random() < 1 / pause:
                    if dice.random() < 0.25:
                        store.checkpoint()
                    else:
                        store.flush()
                    _tell(told, FLUSHED, number)
        number += 1


def after_kill(folder: Path, kept: int, *, by_writer: bool) -> tuple[int, list[str]]:
    """Return the highest number in a store whose writer was killed, and what is wrong with it."""
    if not (folder / "data.mdb").exists() and not by_writer:
        return 0, ["all is lost"] if kept else []
    try:
        with open_store(folder) if by_writer else open_for_reading(folder) as store:
            reached, problems = faults_of(store, kept, kept + 1)
        return reached, problems + verify(folder)[1]
    except StoreError as error:
        return kept, [f"it does not open: {error}"]


def after_cut(folder: Path, least: int, most: int) -> list[str]:
    """Return what is wrong with a store after a power cut, before and after somebody writes to it again."""
    try:
        problems = verify(folder)[1]
        with open_for_reading(folder) as store:
            problems += faults_of(store, least, most)[1]
        with open_store(folder) as store:
            reached, faults = faults_of(store, least, most)
            store.record(numbered(reached + 1))
            store.checkpoint()
            problems += faults + faults_of(store, reached + 1, reached + 1)[1]
        return problems + verify(folder)[1]
    except StoreError as error:
        return [f"it does not open: {error}"]


def faults_of(store: EventStore, least: int, most: int) -> tuple[int, list[str]]:
    """Return the highest number, and how the numbers differ from 1, 2, 3 … up to one of `least` to `most`."""
    events = store.between(kind="document")
    numbers = Counter(event.data["document_version"] for event in events)
    reached = max(numbers, default=0)
    problems = []
    if missing := [number for number in range(1, max(reached, least) + 1) if number not in numbers]:
        problems.append(f"{len(missing)} lost, the first is {missing[0]} of {max(reached, least)}")
    if double := [number for number, times in numbers.items() if times > 1]:
        problems.append(f"{len(double)} there more than once, the first is {min(double)}")
    if reached > most:
        problems.append(f"{reached} is there, which was never recorded")
    minutes = store.per_minute(events[0].time, events[-1].time).counts if events else {}
    counted = sum(sum(of_kind) for kind, of_kind in minutes.items() if kind.startswith("document."))
    if counted != len(events):
        problems.append(f"the rollups count {counted} events of {len(events)}")
    return reached, problems


def numbered(number: int) -> Event:
    """Return the event that stands for a number; three kinds take turns, none of which merges repeats."""
    if number % 3 == 0:
        return Event.of(DocumentSave(number, 7))
    if number % 3 == 1:
        return Event.of(DocumentClose(number))
    return Event.of(DocumentChange(number, 1, 2, 3, 4, 5), path=f"src/{number % 7}.py")


def recorded(folder: Path, events: int, seed: int) -> tuple[bytes, list[Step]]:
    """Return a new store's database, and all that a writer did to it.

    Raises `RuntimeError` when the trace does not lead to the file that is there in the end.
    """
    open_store(folder).close()
    file, log = folder / "data.mdb", folder / "trace"
    before = file.read_bytes()
    options = ["--seccomp-bpf", "-y", "-v", "-xx", "-s", str(1 << 26), "-o", str(log), "-e", f"trace={TRACED}"]
    _traced(options, _writer(folder, 1, events, seed, 30))
    steps = list(_steps(log.read_text(), str(file.resolve())))
    after = bytearray(before)
    for step in steps:
        if isinstance(step, Write):
            _put(after, step.offset, step.content)
    if after != file.read_bytes():
        raise RuntimeError("the trace misses something that was written")
    return before, steps


def left_by_cuts(
    before: bytes, steps: Sequence[Step], cuts: int, dice: random.Random
) -> Iterator[tuple[bytes, int, int]]:
    """Yield files as power cuts may leave them, each with the numbers that must and that can be in it at most."""
    places = [place for place, step in enumerate(steps) if not isinstance(step, Told)]
    at_place = Counter(dice.choices(places, k=cuts))
    safe, waiting = bytearray(before), list[tuple[int, bytes]]()
    told = dict.fromkeys((BEGUN, KEPT, FLUSHED), 0)
    for place, step in enumerate(steps):
        under_way = [*waiting, *(step.pages() if isinstance(step, Write) else ())]
        for _ in range(at_place[place]):
            content = bytearray(safe)
            for offset, page in under_way:
                if dice.random() < 0.5:
                    _put(content, offset, page)
            yield bytes(content), told[FLUSHED], told[KEPT] + 1
        match step:
            case Told(mark, number):
                told[mark] = number
            case Write(offset, content_of_call, durable=True):
                _put(safe, offset, content_of_call)
            case Write():
                waiting += step.pages()
            case Sync():
                for offset, page in waiting:
                    _put(safe, offset, page)
                waiting.clear()


def _steps(log: str, file: str) -> Iterator[Step]:
    """Yield what a trace says was done to a file, and what the writer said meanwhile."""
    durable: dict[int, bool] = {}
    position: dict[int, int] = {}
    for name, said, answer in _calls(log):
        if name == "openat":
            durable[answer] = "O_DSYNC" in said
            continue
        handle, _, path = said.partition("<")
        number, texts = int(handle), [_bytes(text) for text in re.findall(r'"([^"]*)"', said)]
        if name == "write" and number == 1 and len(texts[0]) == TOLD.size:
            yield Told(*TOLD.unpack(texts[0]))
        if _bytes(path.partition(">")[0]) != file.encode():
            continue
        if name == "lseek":
            position[number] = answer
        elif name in ("fdatasync", "fsync"):
            yield Sync()
        elif name in ("pwrite64", "pwritev"):
            yield Write(int(said.rpartition(", ")[2]), b"".join(texts), durable[number])
        else:
            yield Write(position[number], b"".join(texts), durable[number])
            position[number] += answer


def _calls(log: str) -> Iterator[tuple[str, str, int]]:
    """Yield name, arguments and answer of each call that succeeded, where it ended."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        process, _, rest = line.partition(" ")
        rest = rest.lstrip()
        if rest.endswith("<unfinished ...>"):
            begun[process] = rest.removesuffix("<unfinished ...>").rstrip()
            continue
        if resumed := re.match(r"<\.\.\. \w+ resumed>", rest):
            rest = begun.pop(process) + rest[resumed.end() :]
        if call := re.match(r"(\w+)\((.*)\) += (\d+)", rest):
            yield call[1], call[2], int(call[3])


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _put(content: bytearray, offset: int, page: bytes) -> None:
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(page)] = page


def _all(kills: int, cuts: int, seed: int) -> Iterator[Result]:
    yield random_kills(kills, seed)
    yield kills_in_creation()
    yield kills_in_commits()
    yield power_cuts(cuts, seed)
    yield torn_rings(cuts, seed)


def _try_call(
    result: Result, folder: Path, where: tuple[str, str, int], reached: int, events: int, *, by_writer: bool
) -> int:
    """Kill a writer at a call and look at the store; return how far it came, or 0 when it was not killed."""
    call, place, nth = where
    options = ["-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:signal={PLACES[place]}:when={nth}"]
    run = _traced(options, _writer(folder, reached + 1, reached + events, seed=1, pause=2))
    kept = max(_last(run.stdout, KEPT), reached)
    ended = run.returncode == 0
    problems = []
    if not ended and run.returncode not in (-signal.Signals[PLACES[place]], 128 + signal.Signals[PLACES[place]]):
        problems.append(f"the writer failed: {run.stderr.decode()}")
    if ended and kept != reached + events:
        problems.append("the writer ended before its end")
    now, faults = after_kill(folder, kept, by_writer=by_writer)
    result.problems += [f"{place} {call} {nth}: {problem}" for problem in problems + faults]
    if ended:
        return 0
    result.tries += 1
    result.events += kept - reached
    return max(now, 1)


def _killed(folder: Path, first: int, dice: random.Random) -> tuple[int, list[str]]:
    """Kill a writer at a random instant; return the last number it acknowledged, and what was wrong before that."""
    enough = dice.choice((1, dice.randrange(50), dice.randrange(3_000), dice.randrange(12_000)))
    with _started(_writer(folder, first, NO_END, dice.randrange(1 << 30), 500)) as process:
        told = _heard(process, enough)
        end = time.perf_counter() + dice.uniform(0, 0.02)
        while time.perf_counter() < end:  # to sleep would only hit the instants at which the kernel wakes somebody
            pass
        process.kill()
        told += _heard(process, NO_END)
    good = process.returncode == -signal.SIGKILL
    return _last(told, KEPT), [] if good else [f"the writer failed with {process.returncode}"]


def _two_states(folder: Path, dice: random.Random) -> tuple[bytes, bytes, int]:
    """Kill a writer; return its ring at some instant before and in the end, and the last number it acknowledged."""
    enough = dice.choice((dice.randrange(2, 1_200), dice.randrange(1_200, 20_000)))
    with _started(_writer(folder, 1, NO_END, 1, NO_END)) as process:
        told = _heard(process, dice.randrange(2, enough + 1))
        ring = next((folder / "rings").glob("*.ring"))
        before = ring.read_bytes()
        told += _heard(process, enough - len(told) // TOLD.size)
        process.kill()
        told += _heard(process, NO_END)
    return before, ring.read_bytes(), _last(told, KEPT)


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0, cwd=ROOT)


def _heard(process: subprocess.Popen[bytes], enough: int) -> bytes:
    """Return what a writer says until it has said enough, or no more."""
    assert process.stdout
    told = b""
    while len(told) < enough * TOLD.size and (part := process.stdout.read(1 << 16)):
        told += part
    return told


def _last(told: bytes, mark: bytes) -> int:
    return max((number for each, number in TOLD.iter_unpack(told) if each == mark), default=0)


def _writer(folder: Path, first: int, last: int, seed: int, pause: int) -> list[str]:
    numbers = map(str, (first, last, seed, pause))
    return [sys.executable, "-m", "benchmarks.durability", "--write", str(folder), *numbers]


def _traced(options: list[str], command: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["strace", "-f", *options, *command], cwd=ROOT, capture_output=True, check=False)


def _tell(told: bool, mark: bytes, number: int) -> None:
    if told:
        os.write(1, TOLD.pack(mark, number))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1_000, help="at random instants")
    parser.add_argument("--cuts", type=int, default=1_000, help="of the power, once for the database, once for a ring")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", nargs=5, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
