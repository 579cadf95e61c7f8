"""What it costs the server to measure itself.

    python -m benchmarks.vitals [--rounds N] [--write]

The same minutes of typing go through a server that measures itself and through one that does not, in this process,
keystroke by keystroke in turns, so that both meet the same moments of the machine. Times are CPU time.
`--write` puts the table under the heading "Self-measurement" of benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import inspect
import json
import os
import platform
import random
import statistics
import tempfile
import textwrap
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import readme
from whetstone_server.server import WhetstoneServer
from whetstone_server.session.pulse import BEAT_SECONDS, WINDOW_SECONDS
from whetstone_server.vitals import Meter
from whetstone_server.vitals.snapshot import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from whetstone_server.features import Feature

KEYSTROKES = 300
"""In the minute: five in a second, without a pause."""
LOOK_EVERY = 20
"""Keystrokes between two looks at the whole file."""
TEXT = Path(textwrap.__file__).read_text(encoding="utf-8")
"""Some 500 lines with next to nothing to find, which makes for quick answers beside which measuring weighs most."""
PLACE = {
    "line": next(n for n, line in enumerate(TEXT.splitlines()) if line.startswith("        return ")),
    "character": 8,
}
"""In the body of a function."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=60)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["WHETSTONE_HOME"] = home
        text = asyncio.run(measured(Path(home), chosen.rounds))
    print(text)
    if chosen.write:
        readme.write("Self-measurement", "python -m benchmarks.vitals --write", text)


async def measured(home: Path, rounds: int) -> str:
    on, off = Editor(WhetstoneServer(), home / "on"), Editor(Unmeasured(), home / "off")
    await on.begin()
    await off.begin()
    await minute(on, off)  # everything is loaded now
    pairs = [await minute(on, off) for _ in range(rounds)]
    idle = [await on.quiet_minute() for _ in range(10)]
    walls, cpus = snapshots(on)
    on.end()
    off.end()
    return report(pairs, idle, walls, cpus)


async def minute(on: Editor, off: Editor) -> tuple[float, float]:
    """Type for a minute in both editors, as fast as it goes; return the CPU seconds each took."""
    gc.collect()
    spent = {on: 0.0, off: 0.0}
    for number in range(KEYSTROKES):
        for editor in (on, off) if number % 4 < 2 else (off, on):  # a letter and its removal in either order
            spent[editor] += editor.keystroke(number)
    for editor in (on, off):
        spent[editor] += await editor.quiet_minute()
    return spent[on], spent[off]


def snapshots(on: Editor) -> tuple[list[float], list[float]]:
    """Return wall and CPU milliseconds of single snapshots, each of a window in which everything was counted."""
    walls, cpus = [], []
    session = on.server.session
    for _ in range(50):
        for histogram in session.meter.requests.values():
            histogram.observe(1)
        wall, cpu = time.perf_counter(), time.process_time()
        snapshot(session.meter.take(), session.journal.stores())  # as if nothing was known of memory
        walls.append((time.perf_counter() - wall) * 1e3)
        cpus.append((time.process_time() - cpu) * 1e3)
    return walls, cpus


def report(
    pairs: Sequence[tuple[float, float]], idle: Sequence[float], walls: Sequence[float], cpus: Sequence[float]
) -> str:
    on, off = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = [measuring / not_measuring for measuring, not_measuring in pairs]
    low, high = interval(ratios)
    share = statistics.median(idle) / WINDOW_SECONDS
    messages = 4 * KEYSTROKES
    return f"""\
Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {time.strftime("%Y-%m-%d")}.
A minute of typing is {messages:,} messages: {KEYSTROKES} keystrokes, each with diagnostics, code actions and a hover.

| what | measured | bar |
|---|---|---|
| a minute of typing, measuring itself | {on * 1e3:.1f} ms CPU | |
| the same, not measuring | {off * 1e3:.1f} ms CPU | |
| cost of measuring, median of {len(pairs)} minutes (95 % interval) | {statistics.median(ratios) - 1:+.2%} ({low - 1:+.2%} to {high - 1:+.2%}) | at most 1 % |
| cost while nobody types, of one processor | {share:.3%} | at most 1 % |
| one snapshot, median and most of {len(walls)} | {statistics.median(walls):.1f} ms, {max(walls):.1f} ms | at most 200 ms |
| the same in CPU time, median | {statistics.median(cpus):.1f} ms | |"""  # noqa: E501 -- rows of a table


def interval(ratios: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the median, by drawing again from what was seen."""
    dice = random.Random(1)
    medians = sorted(statistics.median(dice.choices(ratios, k=len(ratios))) for _ in range(2_000))
    return medians[50], medians[-50]


class Unmeasured(WhetstoneServer):
    """The same server without its meter: nothing is timed at the door, and nothing beats."""

    def __init__(self) -> None:
        super().__init__(meter=Blind())

    def _door(self, feature: Feature) -> Callable[[Any], Any]:
        if inspect.iscoroutinefunction(feature.answer):

            async def answer_later(params: Any) -> Any:
                try:
                    return await feature.answer(self.session, params)
                except Exception as error:
                    raise self._left_at_the_door(feature, error) from error

            return answer_later

        def answer(params: Any) -> Any:
            try:
                return feature.answer(self.session, params)
            except Exception as error:
                raise self._left_at_the_door(feature, error) from error

        return answer


class Blind(Meter):
    """Counts nothing."""

    def looking(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


class Editor:
    """An editor in this process: what it sends is handed over as bytes would be, and what it gets is let go."""

    def __init__(self, server: WhetstoneServer, folder: Path) -> None:
        self.server = server
        self._folder = folder
        folder.mkdir()
        (folder / "pyproject.toml").touch()
        self._uri = (folder / "code.py").as_uri()
        self._numbers = iter(range(1, 1 << 60))
        self._version = 1
        server.protocol.set_writer(self)

    def write(self, data: bytes) -> None:
        """Nobody reads it."""

    def close(self) -> None:
        """There is nothing to close."""

    async def begin(self) -> None:
        """Say hello and open a document; the pulse is beaten by hand."""
        capabilities = {
            "workspace": {"diagnostics": {"refreshSupport": True}},
            "textDocument": {"diagnostic": {}, "codeAction": {"resolveSupport": {"properties": ["edit"]}}},
        }
        folders = [{"uri": self._folder.as_uri(), "name": "project"}]
        self._ask("initialize", processId=None, rootUri=None, capabilities=capabilities, workspaceFolders=folders)
        document = {"uri": self._uri, "languageId": "python", "version": 1, "text": TEXT}
        self._tell("textDocument/didOpen", textDocument=document)
        await asyncio.to_thread(self.server.session.journal.wait)

    def keystroke(self, number: int) -> float:
        """Type a letter or take it back, with all that an editor asks after it; return the CPU seconds it took.

        Of this thread alone: what the other server's threads do in the meantime is none of its business.
        """
        began = time.thread_time()
        self._type(number)
        return time.thread_time() - began

    async def quiet_minute(self) -> float:
        """Let a minute pass, and put everything on the disk; return the CPU seconds that took, on all threads."""
        began = time.process_time()
        await self._pulse()
        for store in self.server.session.journal.stores():
            store.flush()
        return time.process_time() - began

    def end(self) -> None:
        self.server.session.end()

    def _type(self, number: int) -> None:
        after = {**PLACE, "character": PLACE["character"] + 1}
        typed = {"range": {"start": PLACE, "end": PLACE}, "text": "x"}
        taken_back = {"range": {"start": PLACE, "end": after}, "text": ""}
        self._version += 1
        document = {"uri": self._uri, "version": self._version}
        self._tell(
            "textDocument/didChange", textDocument=document, contentChanges=[taken_back if number % 2 else typed]
        )
        file = self.server.session.file(self._uri)
        assert file is not None
        assert file.idle is not None
        file.idle.cancel()
        where = {"textDocument": {"uri": self._uri}}
        self._ask("textDocument/diagnostic", **where)
        self._ask("textDocument/codeAction", **where, range={"start": PLACE, "end": PLACE}, context={"diagnostics": []})
        self._ask("textDocument/hover", **where, position=PLACE)
        if number % LOOK_EVERY == 0:
            file.refresh()

    async def _pulse(self) -> None:
        """Do what a minute's pulse does."""
        if isinstance(self.server, Unmeasured):
            return
        pulse, loop = self.server.session.pulse, asyncio.get_running_loop()
        for _ in range(round(WINDOW_SECONDS / BEAT_SECONDS)):
            pulse._count_beat(loop)  # noqa: SLF001 -- the clock would take a minute
            assert pulse._beat is not None  # noqa: SLF001
            pulse._beat.cancel()  # noqa: SLF001
        await pulse.end_window()

    def _ask(self, method: str, **params: Any) -> None:
        self._hand_over({"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params})

    def _tell(self, method: str, **params: Any) -> None:
        self._hand_over({"jsonrpc": "2.0", "method": method, "params": params})

    def _hand_over(self, message: dict[str, Any]) -> None:
        protocol = self.server.protocol
        protocol.handle_message(json.loads(json.dumps(message), object_hook=protocol.structure_message))


if __name__ == "__main__":
    main()
