"""Tells pytest's outcomes and which test is running, and runs only the tests asked for.

It is loaded before pytest could rewrite it: PYTEST_DONT_REWRITE.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whetstone_events import Events
    from whetstone_witness import Recorder


class _Session:
    """What the hooks need to know; pytest finds them as functions of this module."""

    events: Events
    recorder: Recorder
    only: frozenset[str] | None = None
    targets: frozenset[str] = frozenset()
    config: Any = None
    depth: int = 0
    """How many sessions are running in this process, one inside a test of another."""
    realpath: Any = staticmethod(os.path.realpath)


def take_up(trial: dict[str, Any], events: Events, recorder: Recorder) -> None:
    """Stand ready in case this process turns out to be pytest's."""
    _Session.events, _Session.recorder = events, recorder
    _Session.only = None if trial["only"] is None else frozenset(trial["only"])
    _Session.targets = frozenset((*trial["targets"], *trial["new"]))


def pytest_configure(config: Any) -> None:
    """Take part in the outermost session only: a test of a pytest plugin starts more of them."""
    _Session.depth += 1
    owner = os.environ.setdefault("WHETSTONE_PYTEST", str(os.getpid()))
    if _Session.config is None and (owner == str(os.getpid()) or hasattr(config, "workerinput")):
        _Session.config = config
        _leave_targets_to_our_hooks()


def pytest_unconfigure() -> None:
    """Note that a session is over."""
    _Session.depth -= 1


def pytest_sessionstart(session: Any) -> None:
    """Tell that the tests begin."""
    if session.config is _Session.config:
        _Session.events.tell("begun")


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Drop the tests that were not asked for."""
    if config is not _Session.config or _Session.only is None:
        return
    wanted = [item for item in items if item.nodeid in _Session.only]
    unwanted = [item for item in items if item.nodeid not in _Session.only]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = wanted


def pytest_collectreport(report: Any) -> None:
    """Tell of a file that could not be collected."""
    if report.failed and _in_session():
        _Session.events.tell("outcome", report.nodeid, "error")


def pytest_runtest_logstart(nodeid: str) -> None:
    """Note the test that begins."""
    if _in_session():
        _Session.recorder.begin(nodeid)
        _Session.events.tell("started", nodeid)


def pytest_runtest_logreport(report: Any) -> None:
    """Tell the outcome of each phase; a later one counts where it is worse."""
    if not _in_session():
        return
    if report.when == "call":
        _Session.events.tell("outcome", report.nodeid, report.outcome)
    elif report.failed:
        _Session.events.tell("outcome", report.nodeid, "error")
    elif report.skipped:
        _Session.events.tell("outcome", report.nodeid, "skipped")


def pytest_runtest_logfinish() -> None:
    """Note that the test has ended."""
    if _in_session():
        _Session.recorder.end()


def pytest_sessionfinish(session: Any) -> None:
    """Tell that the tests have ended by themselves."""
    if session.config is _Session.config:
        _Session.events.tell("finished")


def _in_session() -> bool:
    # Hooks for reports do not say whose session they belong to; a session inside a test runs while that test does.
    return _Session.config is not None and _Session.depth == 1


def _leave_targets_to_our_hooks() -> None:
    """Have pytest import a file under trial as Python does, even where it would rewrite the assertions in it."""
    for finder in sys.meta_path:
        rewrites = getattr(finder, "_should_rewrite", None)
        if type(finder).__name__ == "AssertionRewritingHook" and rewrites is not None:
            finder._should_rewrite = _sparing(rewrites)  # type: ignore[attr-defined]  # noqa: SLF001


def _sparing(rewrites: Any) -> Any:
    def should_rewrite(name: str, file_name: str, *rest: Any) -> bool:
        return _Session.realpath(file_name) not in _Session.targets and bool(rewrites(name, file_name, *rest))

    return should_rewrite
