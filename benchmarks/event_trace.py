"""What somebody types who turns one release of a package into the next: events for the event store's benchmark.

The line differences between successive releases are real; the rhythm, the completions and what the server would say
meanwhile are drawn with a seed.
"""

from __future__ import annotations

import difflib
import random
import re
import shutil
import subprocess
import sys
import time
import zipfile
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.events.event import Event
from whetstone_server.events.kinds import (
    ActionOffered,
    BenchmarkResult,
    DiagnosticsShown,
    DocumentChange,
    DocumentClose,
    DocumentOpen,
    DocumentSave,
    MetricSample,
    ProofVerdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from whetstone_server.events.kinds import Payload

RELEASES = {
    "requests": ("2.28.0", "2.28.2", "2.30.0", "2.31.0", "2.32.3"),
    "click": ("8.0.0", "8.0.4", "8.1.0", "8.1.3", "8.1.7"),
    "flask": ("2.0.0", "2.1.0", "2.2.0", "2.3.0", "3.0.0"),
    "rich": ("12.0.0", "12.6.0", "13.0.0", "13.3.5", "13.7.1"),
    "jinja2": ("3.0.0", "3.0.3", "3.1.0", "3.1.2", "3.1.4"),
    "attrs": ("21.4.0", "22.2.0", "23.1.0", "23.2.0", "24.2.0"),
}
SECOND = 1_000_000
DAY = 86_400 * SECOND
WORKDAY = 8 * 3_600 * SECOND
BETWEEN_KEYS_S, BETWEEN_PLACES_S, BETWEEN_FILES_S = 0.18, 4.0, 30.0
"""Averages of the exponential gaps."""
SAMPLES = 0.137
"""Measurements for each change, so that they are about 12 % of all events."""
CODES = ("WP101", "WP102", "WP104", "WP107", "WP111")
METRICS = ("check.seconds", "completion.seconds", "hover.seconds", "scan.seconds")
_PIECE = re.compile(r"\n[ \t]*|\w+|.", re.DOTALL)


class Edit(NamedTuple):
    """One file in two successive releases."""

    path: str
    before: list[str]
    after: list[str]


def fetched(folder: Path, named: Mapping[str, Sequence[str]] = RELEASES) -> Path:
    """Return a folder with the releases, unpacked; fetched once."""
    releases = folder / "releases"
    if releases.is_dir():
        return releases
    fresh = folder / "releases.new"
    shutil.rmtree(fresh, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest"]
    for place in range(max(map(len, named.values()))):
        wheels = folder / f"wheels-{place}"
        wanted = [f"{name}=={versions[place]}" for name, versions in named.items() if place < len(versions)]
        subprocess.run([*pip, wheels, *wanted], check=True)
        for wheel in wheels.glob("*.whl"):
            name, version = wheel.name.split("-")[:2]
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(fresh / name.lower() / version)
    fresh.rename(releases)
    return releases


def edits(releases: Path, named: Mapping[str, Sequence[str]] = RELEASES) -> list[Edit]:
    """Return every file that differs between two successive releases, or is new."""
    found = []
    for name, versions in named.items():
        for older, newer in pairwise(versions):
            for path in sorted((releases / name / newer).rglob("*.py")):
                file = path.relative_to(releases / name / newer)
                before = releases / name / older / file
                old = before.read_text().splitlines(keepends=True) if before.exists() else []
                new = path.read_text().splitlines(keepends=True)
                if old != new:
                    found.append(Edit(f"/home/dev/{name}/src/{file.as_posix()}", old, new))
    return found


def typed(files: list[Edit], count: int, seed: int = 1, now: float | None = None) -> tuple[list[Event], float]:
    """Return exactly so many events of the month before `now`, and how often all files were typed for them."""
    dice, found, passes = random.Random(seed), list[Event](), 0.0
    start = int(now or time.time()) // 86_400 * DAY - 30 * DAY  # within the month that stores keep
    typist = _Typist(dice, start + 9 * 3_600 * SECOND)
    while len(found) < count:
        order = dice.sample(files, len(files))
        for place, edit in enumerate(order, 1):
            found += typist.edit(edit)
            passes += 1 / len(files)
            if len(found) >= count or place == len(order):
                break
    return found[:count], passes


class _Typist:
    def __init__(self, dice: random.Random, now: int) -> None:
        self._dice, self._now, self._began = dice, now, now
        self._version, self._path = 1, ""

    def edit(self, edit: Edit) -> Iterator[Event]:
        """Open a file, type what is new in it, save and close it."""
        self._path, self._version = edit.path, 1
        self._pause(BETWEEN_FILES_S)
        if self._now - self._began > WORKDAY:
            self._began += DAY
            self._now = self._began
        size = sum(map(len, edit.before))
        yield self._event(DocumentOpen("python", 1, len(edit.before), size))
        moved = 0
        for tag, at, end, new_at, new_end in difflib.SequenceMatcher(
            None, edit.before, edit.after, autojunk=False
        ).get_opcodes():
            if tag == "equal":
                continue
            self._pause(BETWEEN_PLACES_S)
            if end > at:
                yield self._change(at + moved, 0, end + moved, 0, "")
                yield from self._measured()
            yield from self._typed("".join(edit.after[new_at:new_end]), at + moved)
            moved += new_end - new_at - (end - at)
            yield from self._looked()
        yield self._event(DocumentSave(self._version, sum(map(len, edit.after))))
        yield from self._proven()
        yield self._event(DocumentClose(self._version))

    def _typed(self, text: str, line: int) -> Iterator[Event]:
        if text.count("\n") > 3 and self._dice.random() < 0.1:
            yield self._change(line, 0, line, 0, text)
            return
        column = 0
        for piece in _PIECE.findall(text):
            for part in self._parts(piece):
                yield self._change(line, column, line, column, part)
                yield from self._measured()
                if part[0] == "\n":  # editors indent the next line at once
                    line, column = line + 1, len(part) - 1
                    if self._dice.random() < 0.25:
                        yield from self._looked()
                else:
                    column += len(part)

    def _parts(self, piece: str) -> list[str]:
        if piece[0] == "\n":
            return [piece]
        if len(piece) >= 6 and self._dice.random() < 0.3:
            return [*piece[:3], piece[3:]]  # completed
        return list(piece)

    def _change(self, line: int, column: int, end_line: int, end_column: int, text: str) -> Event:
        self._pause(BETWEEN_KEYS_S)
        self._version += 1
        return self._event(DocumentChange(self._version, line, column, end_line, end_column, len(text), text))

    def _measured(self) -> Iterator[Event]:
        if self._dice.random() < SAMPLES:
            self._pause(0.002)
            nanoseconds = int(self._dice.lognormvariate(13, 0.8))
            name = self._dice.choices(METRICS, (8, 2, 1, 1))[0]
            yield self._event(MetricSample(name, nanoseconds / 1e9, "s"), "whetstone", None)

    def _looked(self) -> Iterator[Event]:
        self._pause(0.05)
        found = self._dice.choices(CODES, k=self._dice.choice((0, 1, 1, 2, 3)))
        yield self._event(DiagnosticsShown(found), "whetstone")
        if found and self._dice.random() < 0.5:
            self._pause(0.3)
            yield self._event(ActionOffered(found[0], proven=self._dice.random() < 0.3), "whetstone")

    def _proven(self) -> Iterator[Event]:
        dice = self._dice
        if dice.random() < 0.5:
            self._pause(2.0)
            code, line = dice.choice(CODES), dice.randrange(1, 500)
            gain = round(dice.uniform(0.8, 3), 3)
            verdict = "faster" if gain > 1.1 else "no-difference"
            yield self._event(
                ProofVerdict(code, f"function_{line}", line, verdict, f"{gain:.2f}× on the recorded calls", 4.2, gain),
                "whetstone",
            )
        if dice.random() < 0.1:
            self._pause(1.0)
            median = dice.lognormvariate(-9, 1)
            yield self._event(
                BenchmarkResult(f"bench_{dice.randrange(20)}", median, median * 0.97, median * 1.04, 30), "cli", None
            )

    def _pause(self, average: float) -> None:
        self._now += 1 + int(self._dice.expovariate(1 / average) * SECOND)

    def _event(self, payload: Payload, source: str = "editor", path: str | None = "") -> Event:
        self._now += 1
        return Event.of(payload, source=source, path=self._path if path == "" else path, time=self._now)
