"""Prepares a process of a test run: hooks the files under trial and stands ready to tell what happens."""

from __future__ import annotations

import atexit
import json
import os
from typing import TYPE_CHECKING, Any

import whetstone_instrument
import whetstone_outcomes
import whetstone_pytest_plugin
import whetstone_script  # noqa: F401  (stands ready in sys.modules, as the two above do for pytest and unittest)
from whetstone_events import Events
from whetstone_instrument import Target
from whetstone_witness import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable


def boot(trial_path: str) -> None:
    """Take up the trial described in this file."""
    with open(trial_path, encoding="utf-8") as file:
        trial = json.load(file)
    events = Events(trial["folder"])
    recorder = Recorder(events, **trial["record"])
    recorder.test = os.environ.get("PYTEST_CURRENT_TEST", trial["test"]).rsplit(" (", 1)[0]
    whetstone_pytest_plugin.take_up(trial, events, recorder)
    whetstone_instrument.install(_targets(trial, events, recorder))
    whetstone_instrument.install(whetstone_outcomes.targets(events, recorder))
    _flush_at_every_end(recorder)


def _targets(trial: dict[str, Any], events: Events, recorder: Recorder) -> dict[str, Target]:
    def loaded(path: str) -> None:
        events.tell("loaded", path)

    targets = {}
    for path, names in trial["targets"].items():
        targets[path] = Target(functions=tuple(names), witness=recorder.witness, on_load=loaded)
    for path, file_name in trial["new"].items():
        with open(file_name, "rb") as file:
            targets[path] = Target(source=file.read(), on_load=loaded)
    return targets


def _flush_at_every_end(recorder: Recorder) -> None:
    atexit.register(recorder.flush)
    os.register_at_fork(after_in_child=recorder.start_afresh)
    # Workers of multiprocessing end without the interpreter's own shutdown.
    os._exit = _flushing_first(os._exit, recorder)
    os.execve = _flushing_first(os.execve, recorder)
    os.execv = _flushing_first(os.execv, recorder)


def _flushing_first(end: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    def end_of_process(*args: Any, **kwargs: Any) -> Any:
        recorder.flush()
        return end(*args, **kwargs)

    end_of_process.__name__ = end.__name__
    return end_of_process
