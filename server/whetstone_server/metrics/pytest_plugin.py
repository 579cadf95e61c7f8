"""The pytest plugin `whetstone`: records how long tests take, and what pytest-benchmark measures, by itself.

Nothing is written and no thread runs while tests do: what was measured is recorded when the last one is done.
`-p no:whetstone` keeps the plugin from being loaded, `--no-whetstone` or `whetstone = false` in pytest's settings from
recording.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from whetstone_server.events import Event

AT_ONCE = 500
"""Events recorded before the disk has taken them: a quarter of what the store's ring holds."""
_TOLD = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what turns recording off."""
    group = parser.getgroup("whetstone", "durations of tests, for `whetstone metrics trend test_duration`")
    group.addoption("--no-whetstone", action="store_true", help="record no durations and no benchmarks")
    parser.addini("whetstone", "whether durations and benchmarks are recorded", type="bool", default=True)


def pytest_configure(config: pytest.Config) -> None:
    """Record this session, if it is one of its own, with the results of all its workers."""
    if config.getoption("no_whetstone") or not config.getini("whetstone"):
        return
    is_worker = hasattr(config, "workerinput")  # of pytest-xdist, whose controller sees every result
    is_inside_a_test = "PYTEST_CURRENT_TEST" in os.environ  # of a plugin, which starts sessions to look at them
    is_under_trial = "whetstone_boot" in sys.modules  # what is slow in the sandbox says nothing of the world outside
    if not (is_worker or is_inside_a_test or is_under_trial or config.option.collectonly):
        config.pluginmanager.register(Recorder(config), "whetstone-recorder")


class _Test(NamedTuple):
    name: str
    seconds: float
    ended: float


class Recorder:
    """One session, as it is recorded."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._started = time.perf_counter()
        self._tests: list[_Test] = []
        self._trouble: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember how long a test took that passed; one that failed may have stopped anywhere."""
        if report.when == "call" and report.outcome == "passed":
            self._tests.append(_Test(report.nodeid, report.duration, time.time()))

    @pytest.hookimpl(trylast=True)  # pytest-benchmark has counted up its rounds by then
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Record what was measured; trouble costs one line of the summary, never a test."""
        whole = exitstatus == pytest.ExitCode.OK and not session.shouldstop and not session.shouldfail
        seconds = time.perf_counter() - self._started if whole and self._tests else None
        try:
            if exitstatus in _TOLD:
                self._record(seconds)
        except Exception as error:  # noqa: BLE001 -- the tests have their result, whatever becomes of ours
            self._trouble = " ".join(str(error).split()) or type(error).__name__

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say in one line why nothing was kept, where that is so."""
        if self._trouble:
            terminalreporter.write_line(f"whetstone: durations were not kept: {self._trouble}", yellow=True)

    def _record(self, session_seconds: float | None) -> None:
        from whetstone_server.metrics.recording import opened  # noqa: PLC0415 -- tests start without it
        from whetstone_server.project import project_here, project_root  # noqa: PLC0415

        benchmarks = self._benchmarks()
        if not self._tests and not benchmarks:
            return
        root = project_here() if os.environ.get("WHETSTONE_WORKSPACE") else project_root(self._config.rootpath)
        meta = {"python": f"{sys.version_info.major}.{sys.version_info.minor}", "machine": _machine(), **_commit(root)}
        with opened(root) as store:
            for number, event in enumerate(self._events(session_seconds, benchmarks, meta), 1):
                store.record(event)
                if number % AT_ONCE == 0:
                    store.flush()
            store.flush()

    def _events(self, session_seconds: float | None, benchmarks: list[Any], meta: Mapping[str, str]) -> Iterator[Event]:
        from whetstone_server.events.kinds import BenchmarkResult  # noqa: PLC0415 -- tests start without it
        from whetstone_server.metrics.recording import LONGEST_NAME, event, sample  # noqa: PLC0415

        for test in self._tests:
            told = {"test": test.name[:LONGEST_NAME], **meta}
            yield event(sample("test_duration", test.seconds, told, "s"), datetime.fromtimestamp(test.ended, UTC))
        for each in benchmarks:
            name = str(each.fullname)[:LONGEST_NAME]
            median, low, high = (float(each[key]) for key in ("median", "q1", "q3"))
            yield event(BenchmarkResult(name, median, low, high, int(each["rounds"]), dict(meta)))
        if session_seconds is not None:
            yield event(sample("test_session_duration", session_seconds, {**self._selection(), **meta}, "s"))

    def _benchmarks(self) -> list[Any]:
        """Return what pytest-benchmark measured, where it is at work: rows that know `fullname`, `median` and so on."""
        found = getattr(getattr(self._config, "_benchmarksession", None), "benchmarks", [])
        return [each for each in found if each and not each.has_error]

    def _selection(self) -> dict[str, str]:
        """Return which tests the session was asked for: only the same ones take comparable time."""
        option = self._config.option
        words = [*self._config.args]
        words += [f"-k {option.keyword}"] if option.keyword else []
        words += [f"-m {option.markexpr}"] if option.markexpr else []
        inside = os.fspath(self._config.rootpath) + os.sep
        workers = getattr(option, "numprocesses", None)
        suite = " ".join(word.removeprefix(inside) for word in words)
        return {"suite": suite, **({"workers": str(workers)} if workers else {})}


def _machine() -> str:
    """Return which machine measures; those of a CI service have another name each time, and are much alike."""
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        return f"ci-{platform.system().lower()}-{platform.machine()}"
    return platform.node()


def _commit(root: Path) -> dict[str, str]:
    """Return the commit that is measured, where git knows one."""
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"], cwd=root, capture_output=True, text=True, timeout=5, check=False
        )
        if done.returncode == 0:
            return {"commit": done.stdout.strip()}
    return {}
