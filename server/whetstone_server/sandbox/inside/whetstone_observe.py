"""One call, and everything about it that a caller could tell: result, exception, output, changes, order of events."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, Dict, NamedTuple

import whetstone_changes
from whetstone_outcome import Description, Incomparable
from whetstone_placeholders import SameAgain
from whetstone_wording import SHOWN, sharing, shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterator

    from whetstone_load import Subject

Outcome = Dict[str, Any]
"""What a call did; its keys are those that `Observer.call` tells of."""

STEPS_WATCHED = 30
"""Items of a generator after each of which the arguments are looked at, to see what it has consumed so far."""
MOST_INTERRUPTED = 40
"""Calls of a generator after which it is also left early, and read while its arguments change."""
MOST_ITEMS = 2_000
LIMITS_OF_THE_MACHINE = (RecursionError, MemoryError)
ASPECTS = ("raises", "returns", "steps", "arguments", "state", "printed", "noted", "shares")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_EFFECTS = {
    "os.putenv": "changes the environment",
    "os.unsetenv": "changes the environment",
    "os.remove": "removes files",
    "os.rename": "renames files",
    "os.mkdir": "makes folders",
    "os.rmdir": "removes folders",
    "os.system": "starts programs",
    "subprocess.Popen": "starts programs",
    "os.posix_spawn": "starts programs",
    "os.exec": "starts programs",
    "os.fork": "forks",
    "socket.connect": "uses the network",
    "socket.bind": "uses the network",
    "socket.getaddrinfo": "uses the network",
    "sqlite3.connect": "uses a database",
    "os.kill": "sends signals",
    "os.truncate": "changes files",
    "os.chmod": "changes files",
    "os.link": "makes links",
    "os.symlink": "makes links",
}


class Observer:
    """Watches calls of one subject in one process; its calls follow each other in the same state."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._owners: dict[int, int] = {}
        self._kept: list[Any] = []
        self._effects: list[str] | None = None
        self._count = 0
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._effects is None:
            return
        if event in _EFFECTS:
            self._effects.append(_EFFECTS[event])
        elif event == "open" and _writes(arguments):
            self._effects.append("writes files")

    def call(self, side: str, frozen: bytes, show: bool = False) -> Outcome:
        """Run one version on one frozen input and return what it did: a digest for each of `ASPECTS`.

        Keys besides: `limit` (it ran into a limit of the machine), `error` (type name of what it raised),
        `incomparable` and `effects` (reasons why nothing can be said), `changed` (whether arguments or state changed),
        and, with `show`, `text`: the aspects as a person would write them.
        """
        try:
            return self._called(side, frozen, show)
        except Incomparable as reason:
            return {"incomparable": str(reason)}
        finally:
            self._effects = None

    def _called(self, side: str, frozen: bytes, show: bool) -> Outcome:
        function = self._subject.install(side)
        given = self._given(frozen)
        if given is None:
            return {"limit": "no such call"}
        args, kwargs = given
        before = self._situation(side, args, kwargs)
        memory = Description().of(self._subject.memory(side), leniently=True)
        self._effects = []
        notes: list[Any] = []
        steps: list[str] = []
        with _caught_output(notes) as printed:
            raised, value = self._run(function, args, kwargs, steps)
            if self._subject.kind == "generator" and self._count < MOST_INTERRUPTED:
                steps += self._interrupted(function, frozen)
        effects, self._effects = self._effects, None
        happened = _Happened(side, args, kwargs, raised, value)
        if isinstance(raised, LIMITS_OF_THE_MACHINE):
            return {"limit": type(raised).__name__, "error": type(raised).__name__}
        told = self._told(happened, steps, before)
        told["remembers"] = Description().of(self._subject.memory(side), leniently=True) != memory
        told["printed"] = printed()
        told["noted"] = notes
        told["error"] = type(raised).__name__ if raised is not None else None
        told["announced"] = raised is not None and self._subject.raises_at(raised)
        if effects:
            told["effects"] = effects[0]
        if show:
            told["text"] = self._text(happened, told)
        return told

    def _given(self, frozen: bytes) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        """Return the arguments of a call: fresh ones, or those of the call before; `None` when there was none."""
        try:
            args, kwargs = self._subject.arguments(frozen)
        except Exception:  # a class of the project's that cannot be made again
            return None
        if len(args) != 1 or type(args[0]) is not SameAgain:
            return args, kwargs
        if not self._kept:
            return None
        if args[0].changed:
            subject = self._subject
            with _caught_output([]):
                whetstone_changes.change(self._kept[-1][:2], subject.name, self._count)
                whetstone_changes.change_globals(
                    vars(subject.module), subject.changed_by_others(), subject.name, self._count
                )
        before: tuple[tuple[Any, ...], dict[str, Any]] = self._kept[-1][:2]
        return before

    # -- running -----------------------------------------------------------------------------------------------------

    def _run(
        self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], steps: list[str]
    ) -> tuple[BaseException | None, Any]:
        """Return what was raised and what was returned; a generator is driven, and its items are what it returns."""
        kind = self._subject.kind
        try:
            value = function(*args, **kwargs)
            if kind == "coroutine" and inspect.iscoroutine(value):
                value = _Followed("returns, when awaited,", asyncio.run(value))
            elif kind == "async generator":
                value = _Followed("yields", asyncio.run(_collected(value)))
            elif inspect.isgenerator(value):
                steps.append(Description().of((args, kwargs)))
                value = _Followed("yields", self._driven(value, args, kwargs, steps))
        except Incomparable:
            raise
        except (Exception, SystemExit) as error:  # whatever it raises is what it does
            return error, None
        return None, value

    def _interrupted(self, function: Any, frozen: bytes) -> Iterator[str]:
        """Yield what a generator does when its reader leaves after an item, and when its arguments change then."""
        args, kwargs = self._subject.arguments(frozen)
        if any(type(argument) is SameAgain or inspect.isgenerator(argument) for argument in args):
            return  # a generator that is an argument is closed with its reader by `yield from`, and left open by `for`
        for left in (True, False):
            args, kwargs = self._subject.arguments(frozen)
            with contextlib.suppress(Exception):  # told by the call that was read to its end
                generator = function(*args, **kwargs)
                next(generator)
                if left:
                    generator.close()
                else:
                    whetstone_changes.change((args, kwargs), self._subject.name, self._count)
                items = self._driven(generator, args, kwargs, [])
                yield Description().of((items, args, kwargs))

    @staticmethod
    def _driven(generator: Iterator[Any], args: tuple[Any, ...], kwargs: dict[str, Any], steps: list[str]) -> list[Any]:
        items: list[Any] = []
        while len(items) < MOST_ITEMS:
            try:
                item = next(generator)
            except StopIteration as end:
                return [*items, ("returned", end.value)] if end.value is not None else items
            except Exception as error:  # whatever it raises is what it does
                return [*items, ("raised", type(error), error.args)]
            items.append(item)
            if len(items) <= STEPS_WATCHED:
                steps.append(Description().of((item, args, kwargs)))
        return items

    # -- telling -----------------------------------------------------------------------------------------------------

    def _situation(self, side: str, args: Any, kwargs: Any) -> tuple[str, str]:
        """Return digests of the arguments and of the state around the function."""
        return Description().of((args, kwargs)), Description().of(self._subject.state(side), leniently=True)

    def _told(self, happened: _Happened, steps: list[str], before: tuple[str, str]) -> Outcome:
        side, args, kwargs, raised, value = happened
        description = Description((self._subject.path, self._subject.name))
        told: Outcome = {
            "arguments": description.of((args, kwargs)),
            "state": description.of(self._subject.state(side), leniently=True),
        }
        known = len(description.met())
        told["raises"] = _exception(description, raised)
        told["returns"] = description.of(value, drain=True)
        told["steps"] = steps
        told["changed"] = self._situation(side, args, kwargs) != before
        told["shares"] = self._earlier_owners(description.met()[known:])
        self._kept.append((args, kwargs, value, description))
        return told

    def _earlier_owners(self, values: list[Any]) -> list[int]:
        """Return how many calls ago objects in this result were first given out, newest first."""
        found = sorted({self._count - self._owners[id(value)] for value in values if id(value) in self._owners})
        for value in values:
            self._owners.setdefault(id(value), self._count)
        self._count += 1
        return found

    def _text(self, happened: _Happened, told: Outcome) -> dict[str, str]:
        """Return each aspect in words."""
        side, args, kwargs, raised, value = happened
        names = list(self._subject.signature())
        given = {**dict(zip(names, args)), **kwargs}
        followed = value if isinstance(value, _Followed) else _Followed("returns", value)
        returned = f"{followed.how} {shown(followed.value)}"
        left = ", ".join(f"{name}={shown(argument)}" for name, argument in given.items())
        return {
            "raises": "raises nothing" if raised is None else f"raises {type(raised).__name__}: {str(raised)[:SHOWN]}",
            "returns": returned,
            "sharing": returned + sharing(followed.value, given),
            "steps": returned + ", but otherwise when it is read in part, or while its arguments change",
            "arguments": "leaves " + left,
            "state": "leaves module data as " + shown(self._subject.state(side)[:2]),
            "printed": "prints " + shown("".join(told["printed"])),
            "noted": "logs or warns " + shown(told["noted"]),
            "shares": "returns an object that an earlier call returned" if told["shares"] else "returns a new object",
        }


class _Followed(NamedTuple):
    """What came of a result that does nothing until it is asked to go on."""

    how: str
    value: Any


class _Happened(NamedTuple):
    """One call that has come to its end."""

    side: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    raised: BaseException | None
    value: Any


def same(before: Outcome, after: Outcome) -> str | None:
    """Return the first aspect in which two outcomes differ, or `None` when they agree in all."""
    for aspect in ASPECTS:
        if before.get(aspect) != after.get(aspect):
            return aspect
    return None


def _exception(description: Description, raised: BaseException | None) -> str | None:
    if raised is None:
        return None
    cause = raised.__cause__
    beside = [getattr(raised, name, None) for name in _BESIDE_ARGS]
    return description.of(
        (type(raised), raised.args, dict(getattr(raised, "__dict__", {})), beside, cause and (type(cause), cause.args))
    )


_BESIDE_ARGS = ("filename", "filename2", "name", "path", "code")
"""What built-in exceptions keep beside their arguments."""


async def _collected(generator: AsyncIterable[Any]) -> list[Any]:
    items = []
    async for item in generator:
        items.append(item)
        if len(items) >= MOST_ITEMS:
            break
    return items


def _writes(arguments: tuple[Any, ...]) -> bool:
    path, mode, flags = ((*tuple(arguments), None, None, None))[:3]
    if path == os.devnull:
        return False
    return bool(mode and set(str(mode)) & set("wax+")) or bool(isinstance(flags, int) and flags & _WRITING)


@contextlib.contextmanager
def _caught_output(notes: list[Any]) -> Iterator[Callable[[], tuple[str, ...]]]:
    """Catch what is printed, logged and warned; gives a function that returns the printed text, stream by stream."""
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = caught = [
        io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace", newline="\n") for _ in streams
    ]
    handler = _logging_handler(notes)

    def printed() -> tuple[str, ...]:
        texts = []
        for stream in caught:
            with contextlib.suppress(ValueError):
                stream.flush()
                texts.append(stream.buffer.getvalue().decode("utf-8", "replace"))
        return tuple(texts)

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            yield printed
        finally:
            sys.stdout, sys.stderr = streams
            if handler:
                sys.modules["logging"].getLogger().removeHandler(handler)
    notes.extend(("warns", warning.category.__name__, str(warning.message)) for warning in warned)


def _logging_handler(notes: list[Any]) -> Any:
    logging: Any = sys.modules.get("logging")
    if logging is None:
        return None

    class Handler(logging.Handler):  # type: ignore[misc]  # imported only by programs that log
        def emit(self, record: Any) -> None:
            notes.append(("logs", record.name, record.levelname, record.getMessage()))

    handler = Handler()
    logging.getLogger().addHandler(handler)
    return handler
