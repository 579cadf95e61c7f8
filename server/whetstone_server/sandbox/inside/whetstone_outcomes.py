"""Tells the outcomes of `unittest`, whatever runs it, from inside its `TestResult`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from whetstone_instrument import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from whetstone_events import Events
    from whetstone_witness import Recorder

ENDINGS = {
    "TestResult.addSuccess": "passed",
    "TestResult.addFailure": "failed",
    "TestResult.addError": "error",
    "TestResult.addSkip": "skipped",
    "TestResult.addExpectedFailure": "skipped",
    "TestResult.addUnexpectedSuccess": "failed",
}


def targets(events: Events, recorder: Recorder) -> dict[str, Target]:
    """Return the hooks to install; nothing is imported unless the tests use `unittest`."""
    path = os.path.realpath(os.path.join(os.path.dirname(os.__file__), "unittest", "result.py"))
    watch = _Watch(events, recorder)
    deeds: dict[str, Callable[..., None]] = {
        "TestResult.startTestRun": watch.begin_run,
        "TestResult.stopTestRun": watch.end_run,
        "TestResult.startTest": watch.begin,
        "TestResult.stopTest": watch.end,
        "TestResult.addSubTest": watch.sub_test,
    }
    for name, outcome in ENDINGS.items():
        deeds[name] = watch.ending(outcome)
    return {path: Target(functions=tuple(deeds), witness=lambda _path, name: _Told(deeds[name]))}


class _Told:
    """Passes a call on to what it means."""

    def __init__(self, deed: Callable[..., None]) -> None:
        self.deed = deed

    def called(self, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
        self.deed(*args)


class _Watch:
    """Follows the first result that runs a test; those that a test makes for itself are the test's own affair."""

    def __init__(self, events: Events, recorder: Recorder) -> None:
        self.events = events
        self.recorder = recorder
        self.run: Any = None
        self.test: Any = None
        self.result: Any = None

    def begin_run(self, result: Any) -> None:
        if self.run is None and self.result is None:
            self.run = result
            self.events.tell("begun")

    def end_run(self, result: Any) -> None:
        if self.run is result:
            self.run = None
            self.events.tell("finished")

    def begin(self, result: Any, test: Any) -> None:
        if self.result is None:
            self.result, self.test = result, test
            self.recorder.begin(test.id())
            self.events.tell("started", test.id())

    def end(self, result: Any, test: Any) -> None:
        if self.result is result and self.test is test:
            self.result = self.test = None
            self.recorder.end()

    def ending(self, outcome: str) -> Callable[..., None]:
        def tell(result: Any, test: Any, *_: Any) -> None:
            if self.result is None or self.result is result:
                self.events.tell("outcome", test.id(), outcome)

        return tell

    def sub_test(self, result: Any, test: Any, _part: Any, error: Any) -> None:
        if error is not None and self.result is result:
            self.events.tell("outcome", test.id(), "failed")
