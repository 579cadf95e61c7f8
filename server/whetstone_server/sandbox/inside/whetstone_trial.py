"""Runs a project's tests in processes of their own and gathers what they told."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from whetstone_events import told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from whetstone_command import Command

HERE = os.path.dirname(os.path.abspath(__file__))
TAIL_BYTES = 8192
SEVERITY = ("passed", "skipped", "failed", "error")
OF_OTHER_RUNS = ("COV_CORE_", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_", "WHETSTONE_")
"""Beginnings of the names of variables by which a test run tells its own processes of itself."""
PYTEST_USAGE_ERROR = 4
PYTEST_OPTIONS = "-p no:cacheprovider -p whetstone_pytest_plugin"


class Ran(NamedTuple):
    """How a command ended."""

    status: int | None
    """Its exit status, negative for a signal; `None` when it ran out of time."""
    tail: str
    """The end of what it printed."""


class Trial:
    """A folder to which the processes of one test run tell what happens; removed in the end."""

    def __init__(
        self,
        root: str,
        seconds: float,
        *,
        targets: Mapping[str, Sequence[str]],
        new: Mapping[str, str] | None = None,
        only: Sequence[str] | None = None,
        per_function: int = 40,
        bytes_per_call: int = 1 << 18,
    ) -> None:
        self.root = root
        self.ends = time.monotonic() + seconds
        self.folder = tempfile.mkdtemp(prefix="trial-")
        self.events_folder = os.path.join(self.folder, "events")
        os.mkdir(self.events_folder)
        self.description = {
            "folder": self.events_folder,
            "targets": {os.path.realpath(path): list(names) for path, names in targets.items()},
            "new": {os.path.realpath(path): self._kept(source) for path, source in (new or {}).items()},
            "only": None if only is None else list(only),
            "record": {"per_function": per_function, "bytes_per_call": bytes_per_call},
        }

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def seconds_left(self) -> float:
        """How long a command may still run."""
        return max(0.0, self.ends - time.monotonic())

    def run_tests(self, command: Command) -> Ran:
        """Run the command; once more without the project's own options if pytest here does not know them."""
        ran = self.run(command.start, "command")
        if command.runner == "pytest" and ran.status == PYTEST_USAGE_ERROR and self.seconds_left:
            return self.run((*command.start, "-o", "addopts="), "command")
        return ran

    def run(self, line: Sequence[str], test: str, seconds: float | None = None) -> Ran:
        """Run a command line; calls outside of any known test are noted under the name `test`."""
        path = os.path.join(self.folder, "trial.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({**self.description, "test": test}, file)
        limit = self.seconds_left if seconds is None else min(seconds, self.seconds_left)
        try:
            return _ran(line, self.root, self._environment(path), limit)
        except OSError as error:
            return Ran(127, f"{line[0]} could not be started: {error.strerror}")

    def told(self) -> list[tuple[list[tuple[Any, ...]], Any]]:
        """Return the events and the last state of every process so far."""
        return list(told(self.events_folder))

    def _kept(self, source: str) -> str:
        handle, path = tempfile.mkstemp(".py", dir=self.folder)
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(source)
        return path

    def _environment(self, trial_path: str) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OF_OTHER_RUNS)}
        paths = [os.path.join(HERE, "boot"), self.root, os.path.join(self.root, "src")]
        addopts = os.environ.get("PYTEST_ADDOPTS", "")
        return {
            **environment,
            "WHETSTONE_TRIAL": trial_path,
            "PYTHONPATH": os.pathsep.join([*paths, *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_ADDOPTS": f"{addopts} {PYTEST_OPTIONS}".strip(),
            # The project cannot be written to.
            "HYPOTHESIS_STORAGE_DIRECTORY": os.path.join(self.folder, "hypothesis"),
            "COVERAGE_FILE": os.path.join(self.folder, "coverage"),
        }


def outcomes(processes: Sequence[tuple[list[tuple[Any, ...]], Any]]) -> dict[str, str]:
    """Return the outcome of each test; one that began and never ended is an `error`."""
    found: dict[str, str] = {}
    started: dict[str, None] = {}
    for events, _ in processes:
        own = {event[1]: event[2] for event in events if event[0] == "outcome"}
        started.update((event[1], None) for event in events if event[0] == "started")
        for test, outcome in own.items():
            found[test] = max(outcome, found.get(test, outcome), key=SEVERITY.index)
    return {**found, **{test: "error" for test in started if test not in found}}


def ending(ran: Ran, command: Command, processes: Sequence[tuple[list[tuple[Any, ...]], Any]]) -> str:
    """Return in a word how a test run ended."""
    if ran.status is None:
        return "timed-out"
    tests = outcomes(processes)
    names = [event[0] for events, _ in processes for event in events]
    if ran.status < 0 or ran.status >= 126 or names.count("begun") > names.count("finished"):
        return "crashed"
    if command.runner == "pytest" and ran.status == 3:  # an error inside pytest or one of its plugins
        return "crashed"
    if command.runner in ("pytest", "unittest") and not tests:
        return "no-tests" if ran.status in (0, 5) else "crashed"
    return "failed" if ran.status else "passed"


def summary(ended: str, ran: Ran, tests: Mapping[str, str], running: str | None) -> str:
    """Return a sentence for a person."""
    counts = [(outcome, list(tests.values()).count(outcome)) for outcome in SEVERITY]
    told_counts = ", ".join(f"{count} {_WORDS[outcome]}" for outcome, count in counts if count)
    if ended == "timed-out":
        where = f" in {running}" if running else ""
        return f"The tests ran out of time{where}; until then {told_counts or 'none had ended'}."
    if ended == "crashed":
        status = ran.status or 0
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
        return f"The tests broke off with {how}; until then {told_counts or 'none had ended'}."
    if ended == "no-tests":
        return "No tests were found."
    if not tests:
        return f"The command ended with status {ran.status}."
    return f"Of {len(tests)} tests, {told_counts}."


def running_test(processes: Sequence[tuple[list[tuple[Any, ...]], Any]]) -> str | None:
    """Return a test that began and never ended."""
    for events, _ in processes:
        ended = {event[1] for event in events if event[0] == "outcome"}
        for event in events:
            if event[0] == "started" and event[1] not in ended:
                return str(event[1])
    return None


_WORDS = {"passed": "passed", "skipped": "skipped", "failed": "failed", "error": "in error"}


def _ran(line: Sequence[str], root: str, environment: dict[str, str], seconds: float) -> Ran:
    process = subprocess.Popen(
        line,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    tail = bytearray()
    reader = threading.Thread(target=_read, args=(process.stdout, tail), daemon=True)
    reader.start()
    try:
        status: int | None = process.wait(seconds)
    except subprocess.TimeoutExpired:
        status = None
    _end_group(process.pid)
    process.wait()
    reader.join(1.0)  # a process that left the group may hold the pipe open for ever
    return Ran(status, bytes(tail[-TAIL_BYTES:]).decode("utf-8", "replace"))


def _read(pipe: Any, tail: bytearray) -> None:
    while True:
        chunk = os.read(pipe.fileno(), 1 << 16)
        if not chunk:
            return
        tail += chunk
        del tail[: -2 * TAIL_BYTES]


def _end_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
