"""The job that times two versions of a function against each other, in one fresh process per run of the job."""

from __future__ import annotations

import asyncio
import base64
import collections
import functools
from typing import TYPE_CHECKING, Any

import whetstone_speed
from whetstone_load import CannotLoad, Subject

if TYPE_CHECKING:
    from collections.abc import Callable


def run(arguments: dict[str, Any]) -> dict[str, Any]:
    """Time each workload and return the samples.

    `arguments`: root, path, module, function, old and new (base64), workloads (size, seconds, inputs with frozen,
    weight, changes and raises), fresh (whether a version remembers earlier calls), turn (which process this is).
    Returns `{"workloads": [{"ratios", "old_ns", "new_ns", "waits"}]}`, ratios being old over new, or
    `{"cannot": reason}`.
    """
    old, new = (base64.b64decode(arguments[side]) for side in ("old", "new"))
    try:
        subject = Subject(
            arguments["root"], arguments["path"], arguments["module"], arguments["function"], old=old, new=new
        )
    except CannotLoad as reason:
        return {"cannot": str(reason)}
    if arguments["turn"] % 2:
        subject.move_old_code()  # where code lies in memory favours one version; by turns it favours each
    subject.install("old")
    return {"workloads": [_timed(subject, workload, arguments["fresh"]) for workload in arguments["workloads"]]}


def _timed(subject: Subject, workload: dict[str, Any], fresh: bool) -> dict[str, Any]:
    calls = [_call(subject, each) for each in workload["inputs"]]

    def install(side: str) -> None:
        subject.install(side)
        if fresh:
            subject.reset()

    seen = whetstone_speed.measure(install, calls, workload["seconds"], fresh)
    if seen.waits:
        return {"ratios": seen.wall_ratios, "old_ns": seen.wall_old_ns, "new_ns": seen.wall_new_ns, "waits": True}
    return {"ratios": seen.ratios, "old_ns": seen.old_ns, "new_ns": seen.new_ns, "waits": False}


def _call(subject: Subject, given: dict[str, Any]) -> whetstone_speed.Call:
    """Return one call of the workload; what it raises is swallowed, since raising is part of the work."""
    frozen = base64.b64decode(given["frozen"])
    args, kwargs = subject.arguments(frozen)
    used_up = given["changes"] or any(hasattr(value, "__next__") for value in (*args, *kwargs.values()))

    bare = subject.kind == "function" and subject.is_one_function() and not given["raises"]

    def ready(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[], Any]:
        if bare:  # the least that can be timed beside the function itself
            return functools.partial(subject.function, *args, **kwargs)

        def invoke() -> None:
            try:  # noqa: SIM105  (a context manager would be timed with the call)
                finish(subject.function(*args, **kwargs))
            except Exception:
                pass

        return invoke

    finish = _FINISH[subject.kind]
    return whetstone_speed.Call(
        ready(args, kwargs), lambda: ready(*subject.arguments(frozen)), given["weight"], used_up
    )


def _nothing(_result: object) -> None:
    """Do nothing: the call was all the work there is."""


def _run_out(generator: Any) -> None:
    """Ask a generator for all that it has, keeping none of it."""
    collections.deque(generator, maxlen=0)


def _await(coroutine: Any) -> None:
    asyncio.run(coroutine)


async def _collected(generator: Any) -> None:
    async for _ in generator:
        pass


def _await_all(generator: Any) -> None:
    asyncio.run(_collected(generator))


_FINISH = {"function": _nothing, "generator": _run_out, "coroutine": _await, "async generator": _await_all}
