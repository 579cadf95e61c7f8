"""Stands at the head of functions while the tests run, and keeps a spread of the calls it sees."""

from __future__ import annotations

import _thread
import builtins
import sys
import time
from typing import TYPE_CHECKING, Any

from whetstone_freeze import Unfreezable, freeze

if TYPE_CHECKING:
    import types

    from whetstone_events import Events

# A copy: a test that patches a builtin does not patch it here.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

DENSE = 500
"""So many calls of a function are looked at one by one; later ones at ever larger distances."""
SPARSE = 250
"""After n calls the next one looked at is about n / SPARSE further on, so a million calls cost about 2,600 copies."""
RECURSIVE = 4
"""So many calls of a function by itself are kept: they say little that the outermost call does not."""
COPYING_SECONDS = 3.0
"""After so long spent copying the arguments of one function in one process, its calls are only counted."""
FLUSH_SECONDS = 0.5
OUTSIDE = "collection"
"""Stands for the test when none is running."""
SIZED = frozenset((list, tuple, dict, set, frozenset, str, bytes, bytearray))
KINDS = {0x20: "generator", 0x80: "coroutine", 0x200: "async generator"}
"""By flag of the code, as `inspect` has them; importing it would cost every process of the tests more than all else."""
PLAIN = frozenset((type(None), bool, int, float, str, bytes, tuple))


class Recorder:
    """Holds the witnesses of one process; at most one call is being copied at a time."""

    def __init__(self, events: Events, *, per_function: int, bytes_per_call: int) -> None:
        self.events = events
        self.per_function = per_function
        self.bytes_per_call = bytes_per_call
        self.test = OUTSIDE
        self.lock = _thread.RLock()
        self.copying: int | None = None
        """The thread in which a call is being copied: what the copying calls is no call of the program."""
        self.flushed = _Own.monotonic()
        self.witnesses: list[Witness] = []

    def witness(self, path: str, name: str) -> Witness:
        """Return a new witness for one definition of a function."""
        witness = Witness(self, path, name)
        self.witnesses.append(witness)
        return witness

    def begin(self, test: str) -> None:
        """Note which test is running."""
        self.test = test

    def end(self) -> None:
        """Note that no test is running."""
        self.test = OUTSIDE
        self.flush_if_due()

    def flush_if_due(self) -> None:
        """Tell the counts, unless that was done a moment ago."""
        if _Own.monotonic() - self.flushed > FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Tell the counts."""
        self.flushed = _Own.monotonic()
        self.events.state([witness.state() for witness in self.witnesses if witness.calls])

    def start_afresh(self) -> None:
        """Forget what was seen: in a forked child, the parent tells of it."""
        self.lock = _thread.RLock()
        self.copying = None
        self.events.rename()
        for witness in self.witnesses:
            witness.start_afresh()


class Witness:
    """Sees the calls of one function."""

    function: Any
    """The raw function, beneath its decorators."""

    def __init__(self, recorder: Recorder, path: str, name: str) -> None:
        self.recorder = recorder
        self.path = path
        self.name = name
        self.start_afresh()

    def start_afresh(self) -> None:
        """Forget every call."""
        self.calls = 0
        self.outer_calls = 0
        self.looked_at = 0
        self.next_look = 1
        self.largest = 0
        self.recursive = 0
        self.seconds = 0.0
        self.test: str | None = None
        self.tests: dict[str, None] = {}
        self.kept = Kept(self.recorder.per_function)
        self.unfreezable: dict[str, int] = {}

    def called(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Count the call, and now and then keep it. Raises nothing."""
        recorder = self.recorder
        if recorder.copying is not None and recorder.copying == _Own.get_ident():
            return
        self.calls += 1
        if recorder.test is not self.test:
            self.test = recorder.test
            self.tests[recorder.test] = None
        frame = _Own.getframe(1)
        caller = frame.f_back
        if self.recursive >= RECURSIVE and caller is not None and caller.f_code is frame.f_code:
            return
        self.outer_calls += 1
        if self.outer_calls >= self.next_look or (self.next_look > DENSE and self._is_larger(args)):
            try:
                self._look(frame, args, kwargs)
            except Exception as error:  # too deep in the stack, or a fault of ours: neither is the program's
                self._not_copied(f"recording failed with {type(error).__name__}", 1)

    def facts(self) -> dict[str, Any]:
        """Return what the function is."""
        code = self.function.__code__
        module = self.function.__globals__.get("__name__")
        return {"line": code.co_firstlineno, "kind": _kind(code.co_flags), "module": module}

    def state(self) -> dict[str, Any]:
        """Return what was seen so far, apart from the inputs themselves."""
        return {
            **self.facts(),
            "path": self.path,
            "name": self.name,
            "calls": self.calls,
            "tests": list(self.tests),
            "counts": {entry.number: entry.count for entry in self.kept.by_bytes().values()},
            "unfreezable": dict(self.unfreezable),
        }

    def _is_larger(self, args: tuple[Any, ...]) -> bool:
        """Tell of a call a quarter larger than any before, at most a few dozen times in all."""
        return self.next_look != sys.maxsize and _size(args) * 4 > self.largest * 5

    def _look(self, frame: types.FrameType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        recorder = self.recorder
        with recorder.lock:
            recorder.copying = _Own.get_ident()
            started = _Own.monotonic()
            try:
                self._copy(frame, args, kwargs)
            finally:
                recorder.copying = None
            self.seconds += _Own.monotonic() - started
            self._plan()
            recorder.flush_if_due()

    def _copy(self, frame: types.FrameType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        weight = self.outer_calls - self.looked_at
        self.looked_at = self.outer_calls
        if _is_recursive(frame):
            self.recursive += 1
            if self.recursive > RECURSIVE:
                return
        self.largest = max(self.largest, _size(args))
        try:
            args, kwargs = _as_called(self.function, args, kwargs)
            home = self.function.__globals__
            frozen = freeze(args, kwargs, limit=self.recorder.bytes_per_call, home=home)
        except Unfreezable as reason:
            self._not_copied(str(reason), weight)
            return
        entry = self.kept.offer(frozen, weight)
        if entry is not None:
            test = self.recorder.test
            self.recorder.events.tell("input", self.path, self.name, self.facts(), entry.number, test, frozen)

    def _not_copied(self, sentence: str, count: int) -> None:
        if sentence in self.unfreezable or len(self.unfreezable) < 20:
            self.unfreezable[sentence] = self.unfreezable.get(sentence, 0) + count

    def _plan(self) -> None:
        gap = 1 if self.outer_calls < DENSE else max(1, self.kept.dice(2 * self.outer_calls // SPARSE))
        self.next_look = sys.maxsize if self.seconds > COPYING_SECONDS else self.outer_calls + gap


class Entry:
    """One distinct input."""

    __slots__ = ("count", "number", "size")

    def __init__(self, number: int, size: int, count: int) -> None:
        self.number = number
        self.size = size
        self.count = count


class Kept:
    """Distinct inputs up to a number: the first ones, the largest ones, and a fair draw of the others."""

    def __init__(self, room: int) -> None:
        self.largest_room = room // 8
        self.drawn_room = (room - self.largest_room) // 2
        self.first_room = room - self.largest_room - self.drawn_room
        self.first: dict[bytes, Entry] = {}
        self.largest: dict[bytes, Entry] = {}
        self.drawn: dict[bytes, Entry] = {}
        self.distinct = 0
        self.later = 0
        self.seed = 20_011

    def by_bytes(self) -> dict[bytes, Entry]:
        """Return all that is kept."""
        return {**self.first, **self.largest, **self.drawn}

    def offer(self, frozen: bytes, count: int) -> Entry | None:
        """Return a new entry if the input is new and is kept; count it if it is known."""
        known = self.first.get(frozen) or self.largest.get(frozen) or self.drawn.get(frozen)
        if known is not None:
            known.count += count
            return None
        self.distinct += 1
        entry = Entry(self.distinct, len(frozen), count)
        if len(self.first) < self.first_room:
            self.first[frozen] = entry
        elif not self._among_largest(frozen, entry) and not self._among_drawn(frozen, entry):
            return None
        return entry

    def dice(self, sides: int) -> int:
        """Return a number from 0 to below `sides`, the same ones in every run; the program's `random` stays put."""
        self.seed = (self.seed * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self.seed >> 33) % max(1, sides)

    def _among_largest(self, frozen: bytes, entry: Entry) -> bool:
        if len(self.largest) >= self.largest_room:
            if not self.largest:
                return False
            smallest = min(self.largest, key=lambda other: self.largest[other].size)
            if self.largest[smallest].size >= entry.size:
                return False
            del self.largest[smallest]
        self.largest[frozen] = entry
        return True

    def _among_drawn(self, frozen: bytes, entry: Entry) -> bool:
        self.later += 1
        if len(self.drawn) >= self.drawn_room:
            place = self.dice(self.later)
            if place >= self.drawn_room:
                return False
            del self.drawn[list(self.drawn)[place]]
        self.drawn[frozen] = entry
        return True


def _as_called(
    function: types.FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments without those that the defaults supply: a default may be known by its identity."""
    code = function.__code__
    named = function.__kwdefaults__ or {}
    kwargs = {key: value for key, value in kwargs.items() if not (key in named and named[key] is value)}
    defaults = function.__defaults__ or ()
    first = code.co_argcount - len(defaults)
    if len(args) > code.co_argcount:
        return args, kwargs
    default = {place: args[place] is defaults[place - first] for place in range(first, len(args))}
    while args and default.get(len(args) - 1):
        args = args[:-1]
    for place in range(max(first, code.co_posonlyargcount), len(args)):
        if default[place] and type(args[place]) not in PLAIN:
            names = code.co_varnames[: len(args)]
            later = {names[at]: args[at] for at in range(place, len(args)) if not default[at]}
            return args[:place], {**later, **kwargs}
    return args, kwargs


def _is_recursive(frame: types.FrameType) -> bool:
    caller = frame.f_back
    for _ in range(200):
        if caller is None:
            return False
        if caller.f_code is frame.f_code:
            return True
        caller = caller.f_back
    return False


def _size(args: tuple[Any, ...]) -> int:
    size = 0
    for argument in args:
        if type(argument) in SIZED:
            size += len(argument)
    return size


def _kind(flags: int) -> str:
    for flag, kind in KINDS.items():
        if flags & flag:
            return kind
    return "function"


class _Own:
    """What witnesses need, out of reach of code that patches modules."""

    monotonic: Any = staticmethod(time.monotonic)
    get_ident: Any = staticmethod(_thread.get_ident)
    getframe: Any = staticmethod(sys._getframe)  # noqa: SLF001
