"""Recording: one call keeps a number in the event store of the project, and never gets in the way of its caller."""

from __future__ import annotations

import atexit
import inspect
import logging
import math
import os
import time
from contextlib import suppress
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from whetstone_server.events import Event, EventStore
    from whetstone_server.events.kinds import BenchmarkResult, MetricSample

_Function = TypeVar("_Function", bound="Callable[..., Any]")

LONGEST_NAME = 500
"""Letters of a metric's name, enough for the id of a test."""
_log = logging.getLogger(__name__)


def record(
    name: str,
    value: float,
    metadata: Mapping[str, object] | None = None,
    *,
    unit: str | None = None,
    at: datetime | None = None,
) -> bool:
    """Keep a measurement, and return whether it was kept. Never raises, and never waits for a disk but the first time.

    It goes into the event store of the project that the working directory lies in, or that `WHETSTONE_WORKSPACE`
    names. `metadata` says under which circumstances it was measured: only like is compared with like. Its keys
    `better` (`lower` or `higher`) and `target` (a number) say what is wanted of the metric. `at` is when it was
    measured: now, when not given.
    """
    try:
        kept = _store().record(event(sample(name, value, metadata, unit), at))
    except Exception as error:  # noqa: BLE001 -- whatever goes wrong here is no business of the code that is measured
        _complain_once(error)
        return False
    if not kept:
        _complain_once("too much was recorded at once")
    return kept


def timed(name: str, metadata: Mapping[str, object] | None = None) -> Timed:
    """Return a context manager, and a decorator of functions and coroutine functions, that records how long it took.

    In seconds, by a clock that never goes backwards; a block or call that raises is not recorded, since it did
    something else. Its `seconds` can be read behind the block.
    """
    if not isinstance(name, str):
        raise TypeError('timed wants a name: @timed("load_config")')
    return Timed(name, metadata)


class Timed:
    """One block, or every call of a function, on its way to be recorded; `timed` makes these."""

    def __init__(self, name: str, metadata: Mapping[str, object] | None) -> None:
        self.name, self.metadata = name, metadata
        self.seconds: float | None = None
        self._started: list[float] = []

    def __enter__(self) -> Self:
        self._started.append(time.perf_counter())
        return self

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        self.seconds = time.perf_counter() - self._started.pop()
        if raised is None:
            record(self.name, self.seconds, self.metadata, unit="s")

    def __call__(self, function: _Function) -> _Function:
        """Return a function that does the same and records how long each call took.

        Raises `TypeError` for generator functions: calling one does nothing yet.
        """
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f"{function.__name__} is a generator; time the loop over it: with timed({self.name!r})")
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def measured(*arguments: Any, **named: Any) -> Any:
                with Timed(self.name, self.metadata):
                    return await function(*arguments, **named)

        else:

            @wraps(function)
            def measured(*arguments: Any, **named: Any) -> Any:
                with Timed(self.name, self.metadata):
                    return function(*arguments, **named)

        return measured  # type: ignore[return-value]


def sample(
    name: str, value: float, metadata: Mapping[str, object] | None = None, unit: str | None = None
) -> MetricSample:
    """Return the payload of a measurement, for whoever has a store open.

    `unit` in `metadata` is the unit. Raises `ValueError` with a sentence for what is no measurement.
    """
    from whetstone_server.events.kinds import MetricSample  # noqa: PLC0415 -- importing this package costs nothing

    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError(f"a metric's name is 1 to {LONGEST_NAME} printable letters")
    try:
        measured = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{value!r} is not a number") from None
    if not math.isfinite(measured):
        raise ValueError(f"{name} was {measured}: only finite numbers can be compared")
    said = {str(key): str(item) for key, item in (metadata or {}).items()}
    _check(said)
    stated = said.pop("unit", None)
    return MetricSample(name.strip(), measured, unit or stated, said)


def opened(root: Path) -> EventStore:
    """Return the event store of the project at `root`, open for writing.

    Raises `InputError` when it cannot be, with what to do.
    """
    from whetstone_server import state  # noqa: PLC0415
    from whetstone_server.events import open_store  # noqa: PLC0415
    from whetstone_server.settings import read_settings  # noqa: PLC0415

    days = read_settings(root).retention_days
    state.opened_workspace(root)
    return open_store(state.events(root), retention_days=days)


def to_read(root: Path | None = None) -> EventStore:
    """Return the same store for reading, of `project_here()` when no root is given.

    Raises `InputError` when there is none.
    """
    from whetstone_server import state  # noqa: PLC0415
    from whetstone_server.events import open_for_reading  # noqa: PLC0415
    from whetstone_server.project import project_here  # noqa: PLC0415

    return open_for_reading(state.events(root or project_here()))


def event(payload: MetricSample | BenchmarkResult, at: datetime | None = None) -> Event:
    """Return a measurement as an event, of now when no time is given.

    Its source is `ci` where the environment says so, as every large service's does, else `code`.
    """
    from whetstone_server.events import Event  # noqa: PLC0415

    source = "ci" if os.environ.get("CI", "").lower() not in ("", "0", "false") else "code"
    when = {"time": int(at.timestamp() * 1_000_000)} if at else {}
    return Event.of(payload, source=source, **when)


def close() -> None:
    """Put what was recorded on the disk and close the store; the next `record` opens it again. Safe to call twice."""
    with _process.lock:
        store, _process.store = _process.store, None
    if store is not None:
        with suppress(Exception):
            store.close()


class _Process:
    """What one process has open."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.store: EventStore | None = None
        self.refusal: Exception | None = None
        """Why the store could not be opened; it is not tried again, since each attempt would cost the caller."""
        self.complained = False


_process = _Process()
_inherited: list[_Process] = []
"""Kept as they were: what a fork left us belongs to the other side, which goes on with it."""


def _store() -> EventStore:
    from whetstone_server.project import project_here  # noqa: PLC0415

    process = _process
    if process.store is not None:
        return process.store
    with process.lock:
        if process.refusal is not None:
            raise process.refusal
        if process.store is None:
            try:
                process.store = opened(project_here())
            except Exception as error:
                process.refusal = error
                raise
        return process.store


def _check(said: Mapping[str, str]) -> None:
    if said.get("better", "lower") not in ("lower", "higher"):
        raise ValueError(f"better is lower or higher, not {said['better']!r}")
    if "target" in said:
        try:
            float(said["target"])
        except ValueError:
            raise ValueError(f"target is a number, not {said['target']!r}") from None


def _complain_once(reason: Exception | str) -> None:
    if not _process.complained:
        _process.complained = True
        _log.warning("measurements are not kept: %s", reason)


def _begin_anew() -> None:
    global _process  # noqa: PLW0603 -- there is one of it in each process, and this one is new
    _inherited.append(_process)
    _process = _Process()


atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
