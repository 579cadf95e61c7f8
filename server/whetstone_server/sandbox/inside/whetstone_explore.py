"""Finds inputs: grown from recorded calls, from annotations and from usage, guided by the lines they reach.

Rings, from the surest: `recorded` (the tests did it), `annotated` (the signature allows it), `grown-within` (of the
look of recorded or guessed arguments), `grown-beyond` (of another look: what the function may never have been meant
for).
"""

from __future__ import annotations

import collections
import contextlib
import inspect
import itertools
import random
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import whetstone_grow
import whetstone_scale
import whetstone_shapes as shapes
import whetstone_sweep
import whetstone_usage
from whetstone_freeze import Unfreezable, freeze
from whetstone_observe import Observer, same
from whetstone_placeholders import ItemOf, OneByOne
from whetstone_steps import Kept, Reached, Tick, Trying

if TYPE_CHECKING:
    import types
    from collections.abc import Iterable, Iterator
    from typing import Union

    from whetstone_load import Subject
    from whetstone_shapes import Shape

    Step = Union[Kept, Reached, Tick, Trying]

    World = dict[str, Shape]

MOST_KEPT = 160
MOST_SWEPT = 400
SECONDS_OF_SWEEP = 1.0
"""Of CPU: ten times what 400 small inputs take, and so only short for functions that make much of little."""
LARGEST_TRACED = 20_000
"""Bytes of a recorded call from which it is not traced here, where patience is short."""
MOST_SUSPECTS = 12
UNGUIDED = 60
CROWDED = 0.3
"""Share of calls in which equal values are wanted everywhere: off-by-one and ties only show on them."""
"""The first inputs are kept whatever they reach: not every difference lies on a line of its own."""
TRIES_PER_WORLD = 8
MOST_WORLDS = 3
MOST_OWNERS = 12
SECONDS_FOR_WORLDS = 0.7
NOT_MEANT = ("TypeError", "AttributeError")
"""What a function raises when it is given something it was not meant for."""
WIDE: tuple[Any, ...] = (
    (),
    [],
    None,
    0,
    1.5,
    True,
    "",
    b"x",
    {},
    [[1], [1]],
    [1, "a", None],
    [float("nan"), 1.0],
    [True, 1, 1.0, 0, False],
    "text",
    ("a", 1),
    {"a": [1]},
    [{}, {}],
    range(4),
    -1,
)


class Explorer:
    """Makes calls for one subject and tries them on both versions in this process."""

    def __init__(self, subject: Subject, recorded: list[bytes], seed: int, largest: int | None = None) -> None:
        """`largest` bounds whole numbers, for a function that took too long with those tried before."""
        self._subject = subject
        self._recorded = recorded
        self._random = random.Random(seed)
        self._grower = whetstone_grow.Grower(self._random, subject.constants(), largest)
        self._signature = inspect.Signature(list(subject.signature().values()))
        self._observers = {"old": Observer(subject), "new": Observer(subject)}
        self._branches = {side: subject.branches(side) for side in ("old", "new")}
        self._lazy = subject.kind == "generator"
        self._templates = self._thawed_templates()
        self.shapes, self.sources = self._known_shapes()
        self.reached: set[tuple[str, int, int]] = set()
        self._told: dict[str, set[int]] = {}
        self._seen: set[bytes] = set()
        self._longest: whetstone_scale.Scaler | None = None

    # -- what is known -----------------------------------------------------------------------------------------------

    def _thawed_templates(self) -> list[tuple[bytes, dict[str, Any]]]:
        """Return each recorded call as parameter names and values, with its frozen bytes."""
        found = []
        for frozen in self._recorded:
            try:
                args, kwargs = self._subject.thaw(frozen)
                found.append((frozen, self._signature.bind(*args, **kwargs).arguments))
            except Exception:
                continue
        return found

    def _known_shapes(self) -> tuple[World, dict[str, str]]:
        """Return shapes by parameter, and for each whether it is recorded or annotated."""
        known, sources = {}, {}
        hints = shapes.hints_of(whetstone_raw(self._subject.old))
        for name, parameter in self._signature.parameters.items():
            seen = [shapes.of(bound[name]) for _, bound in self._templates if name in bound]
            allowed = shapes.annotated(hints.get(name)) if name in hints else None
            if parameter.kind is parameter.VAR_POSITIONAL:
                allowed = allowed and ("tuple*", allowed)
            elif parameter.kind is parameter.VAR_KEYWORD:
                allowed = allowed and ("dict", dict, shapes.STRINGS, allowed)
            if allowed:
                known[name], sources[name] = shapes.merged([allowed, *seen]) if seen else allowed, "annotated"
            elif seen:
                known[name], sources[name] = shapes.merged(seen), "grown-within"
        owner = self._owner_name()
        self._owners = self._owner_shapes() if owner not in known else []
        if owner is not None and len(self._owners) == 1:
            known[owner], sources[owner] = self._owners[0], "grown-within"
        return known, sources

    def _owner_name(self) -> str | None:
        """Return the name of a method's first parameter."""
        names = list(self._signature.parameters)
        return names[0] if "." in self._subject.name and names else None

    def _owner_shapes(self) -> list[Shape]:
        """Return shapes for a method's `self`, made by calling its class; several where that takes a guess."""
        parts = self._subject.name.split(".")
        if self._owner_name() is None:
            return []
        holder = self._subject.module
        for part in parts[:-1]:
            holder = getattr(holder, part)
        way = vars(holder).get(parts[-1])
        if isinstance(way, staticmethod):
            return []
        if isinstance(way, classmethod):
            heirs = [heir for heir in holder.__subclasses__() if heir.__module__ == holder.__module__]
            return [("pool", (holder, *heirs))]
        shape = shapes.family(holder)
        return [shape] if shape else list(itertools.islice(self._guessed_owners(holder), MOST_OWNERS))

    def _guessed_owners(self, holder: Any) -> Iterator[Shape]:
        """Yield shapes of objects whose constructor is not annotated, guessed from the constructor's own text."""
        definition = self._subject.definition(holder.__qualname__ + ".__init__")
        if definition is None:
            return
        usage = whetstone_usage.Usage(definition)
        for world in usage.worlds(set(usage.parameters[:1])):
            shape = ("built", holder, tuple(world.items()))
            try:
                for _ in range(3):
                    self._grower.value(shape)
            except Exception:
                continue
            yield shape

    # -- guessing ----------------------------------------------------------------------------------------------------

    def guess(self) -> Iterator[Step]:
        """Fill in shapes for parameters of which nothing is known, by trying what the old code can work with."""
        needed = [
            name
            for name, parameter in self._signature.parameters.items()
            if name not in self.shapes and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        ]
        required = [name for name in needed if self._signature.parameters[name].default is inspect.Parameter.empty]
        if not needed or (self._templates and not required):
            return
        worlds = []
        until = time.monotonic() + SECONDS_FOR_WORLDS
        for rank, world in enumerate(self._worlds()):
            worlds.append((*self._suitability(world), -rank, world))
            yield Tick()
            if time.monotonic() > until or sum(fine for fine, *_ in worlds) == MOST_WORLDS:
                break
        best = sorted(worlds, key=lambda world: world[:3], reverse=True)[:MOST_WORLDS]
        if best and best[0][0]:
            best = [world for world in best if world[0]]
        plain = [world for world in best if not any(_nests_a_guess(shape) for shape in world[-1].values())]
        for name in needed:
            tried = [world[name] for fine, meant, _, world in plain or best if name in world and (fine or meant)]
            if tried:
                self.shapes[name], self.sources[name] = shapes.merged(tried), "grown-within"

    def _worlds(self) -> Iterator[World]:
        """Yield guesses for all unknown parameters, `self` among them, likeliest first."""
        usage = whetstone_usage.Usage(self._subject.old_tree)
        owner = self._owner_name()
        if not self._owners or owner is None or owner in self.shapes:
            yield from usage.worlds(set(self.shapes))
            return
        others = list(itertools.islice(usage.worlds({*self.shapes, owner}), 12))
        pairs = [(i + j, i, j) for i in range(len(self._owners)) for j in range(len(others))]
        for _, i, j in sorted(pairs):
            yield {owner: self._owners[i], **others[j]}

    def _suitability(self, world: World) -> tuple[bool, bool]:
        """Return whether most calls of these shapes succeed, and how many do not stumble over a type."""
        known = dict(self.shapes)
        self.shapes = {**known, **world}
        fine = meant = 0
        try:
            for _ in range(TRIES_PER_WORLD):
                frozen = self._frozen(self._made())
                outcome = self._observers["old"].call("old", frozen) if frozen else {"limit": "unfreezable"}
                meant += "limit" not in outcome and outcome.get("error") not in NOT_MEANT
                fine += "limit" not in outcome and outcome.get("error") is None
        finally:
            self.shapes = known
        return fine * 2 > TRIES_PER_WORLD, meant * 2 > TRIES_PER_WORLD

    # -- making calls ------------------------------------------------------------------------------------------------

    def missing(self) -> list[str]:
        """Return the parameters that no value can be made for."""
        return [
            name
            for name, parameter in self._signature.parameters.items()
            if name not in self.shapes
            and parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        ]

    def _made(self, size: int | None = None) -> dict[str, Any]:
        """Return a call as parameter names and values: all new, or a recorded one with some of its values exchanged."""
        chance = self._random
        self._grower.crowded = size is None and chance.random() < CROWDED
        template = None
        if self._templates and chance.random() < 0.8:
            template = self._thaw_template(chance.choice(self._templates)[0])
        call = dict(template or {})
        names = [name for name in self._signature.parameters if name in self.shapes]
        if template is not None:
            names = [name for name in names if name in template] or names
            names = chance.sample(names, chance.randrange(1, len(names) + 1)) if names else []
        for name in self._in_order(names):
            parameter = self._signature.parameters[name]
            if template is None and parameter.default is not parameter.empty and chance.random() < 0.5:
                continue
            shape = self.shapes[name]
            may_be_lazy = self._lazy and size is None and self.sources.get(name) != "annotated"
            if may_be_lazy and shape[0] == "list" and chance.random() < 0.3:
                shape = ("generator", shape[1])  # shows how far the input was consumed when an item came out
            call[name] = self._grower.value(shape, size)
        self._relate(call, names)
        return call

    def _in_order(self, names: Iterable[str]) -> list[str]:
        return [name for name in self._signature.parameters if name in set(names)]

    def _relate(self, call: dict[str, Any], names: Iterable[str]) -> None:
        """Now and then let one argument be, or be an item of, another: members to be found, shared references."""
        chance = self._random
        if len(call) < 2 or chance.random() > 0.35:
            return
        source, target = chance.sample(list(call), 2)
        if target not in names or target not in self.shapes:
            return
        names_in_order = self._in_order(call)
        position = names_in_order.index(source)
        kind = type(call[target])
        items = [index for index, item in enumerate(_items(call[source])) if type(item) is kind]
        if items and type(call[source]) in (list, tuple) and self._is_positional(names_in_order[: position + 1]):
            call[target] = ItemOf(position, chance.choice(items))
            return
        alike = [value for value in (call[source], *_held(call[source])) if type(value) is kind]
        if alike:
            call[target] = chance.choice(whetstone_grow.relatives(chance.choice(alike)))

    def _is_positional(self, names: Iterable[str]) -> bool:
        """Whether all of these parameters are passed by position."""
        return all(
            self._signature.parameters[name].kind
            in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            for name in names
        )

    def _thaw_template(self, frozen: bytes) -> dict[str, Any]:
        args, kwargs = self._subject.thaw(frozen)
        return self._signature.bind(*args, **kwargs).arguments

    def _frozen(self, call: dict[str, Any]) -> bytes | None:
        """Return a call's bytes; `None` when it cannot be written down."""
        try:
            bound = inspect.BoundArguments(self._signature, _ordered(self._signature, call))
            return freeze(bound.args, bound.kwargs)
        except (Unfreezable, TypeError, ValueError):
            return None

    # -- exploring ---------------------------------------------------------------------------------------------------

    def explore(self, seconds: float) -> Iterator[Step]:
        """Yield each input worth keeping, the lines reached so far and signs of life in between, for `seconds`."""
        for frozen, _ in self._templates:
            if len(frozen) <= LARGEST_TRACED:
                yield from self._try(frozen, "recorded")
        yield from self.guess()
        if self.missing():
            return
        self._seen = set(self._recorded)
        yield from self._sweep()
        yield from self._wander(seconds)

    def _sweep(self) -> Iterator[Step]:
        """Put odd values in every place, one after the other, and keep those that show something."""
        until = time.process_time() + SECONDS_OF_SWEEP
        for change in itertools.islice(self._odd_values(), MOST_SWEPT):
            if time.process_time() > until:
                break
            call = self._changed(change)
            if call is not None and call not in self._seen:
                self._seen.add(call)
                yield from self._try(call, self._ring())
                if self._last.news or self._last.differs:
                    yield Kept(call, self._ring(), self._last.differs)
        if self._subject.becomes_recursive():
            for name, shape in self.shapes.items():
                for value in whetstone_sweep.deep(shape):
                    call = self._changed({name: value})
                    if call is not None:
                        yield Kept(call, self._ring(), differs=True)

    def _odd_values(self) -> Iterator[dict[str, Any]]:
        """Yield odd values by parameter: one parameter at a time, and two of a kind together."""
        names = list(self.shapes)
        fits = self._grower.fits
        more = self._grower.near_constants()
        each = [
            [{name: value} for value in filter(fits, whetstone_sweep.values(self.shapes[name], more, self._grower))]
            for name in names
        ]
        for one, other in itertools.combinations(names, 2):
            pairs = whetstone_sweep.pairs(self.shapes[one], self.shapes[other])
            each.append([{one: first, other: second} for first, second in pairs if fits(first) and fits(second)])
        each += [self._shared(source, target) for source, target in itertools.permutations(names, 2)]
        wanted = self._grower.lengths()
        each += [
            [{name: value} for value in whetstone_sweep.lengths(self.shapes[name], wanted, self._grower)]
            for name in names
        ]
        for row in itertools.zip_longest(*each):
            yield from (change for change in row if change is not None)

    def _shared(self, source: str, target: str) -> list[dict[str, Any]]:
        """Return changes that pass the first item of one argument, unequal to itself, as another argument as well."""
        before = list(itertools.takewhile(lambda name: name != source, self._signature.parameters))
        if not self._is_positional([*before, source]):
            return []
        collections = whetstone_sweep.shared(self.shapes[source], self.shapes[target], self._grower)
        return [{source: collection, target: ItemOf(len(before), 0)} for collection in collections]

    def _changed(self, change: dict[str, Any]) -> bytes | None:
        """Return a recorded or new call with some of its values exchanged; `None` when it cannot be made."""
        try:
            call = self._thaw_template(self._templates[0][0]) if self._templates else self._made()
            return self._frozen({**call, **change})
        except Exception:  # a constructor of somebody's class did not like its arguments
            return None

    def _wander(self, seconds: float) -> Iterator[Step]:
        """Try calls by chance, for `seconds` of CPU time, so that a busy machine tries no fewer."""
        until, kept, suspects, tries = time.process_time() + seconds, 0, 0, 0
        while time.process_time() < until and kept < MOST_KEPT and suspects < MOST_SUSPECTS:
            tries += 1
            call = self._next_call()
            yield Tick()
            if call is None or call in self._seen:
                if tries > 400 and not self._seen:
                    return
                continue
            self._seen.add(call)
            yield from self._try(call, self._ring())
            suspects += self._last.differs
            if self._last.news or self._last.differs or kept < UNGUIDED:
                kept += 1
                yield Kept(call, self._ring(), self._last.differs)

    def retrace(self, frozen: bytes) -> None:
        """Run both versions only to see which lines they reach."""
        with contextlib.suppress(Exception):
            for side in ("old", "new"):
                self._traced(side, frozen)

    def lines(self, side: str) -> set[int]:
        """Return the lines of one version that were reached so far, and the numbers of ways within them."""
        return {line for where, *step in self.reached if where == side for line in step}

    def _news(self) -> Iterator[Step]:
        """Yield the lines reached when some were reached for the first time, and a sign of life in any case."""
        for side in ("old", "new"):
            lines = self.lines(side)
            if lines != self._told.get(side):
                self._told[side] = lines
                yield Reached(side, lines)
        yield Tick()

    def _next_call(self) -> bytes | None:
        try:
            return self._frozen(self._made())
        except Exception:  # a constructor of somebody's class did not like its arguments
            return None

    def _ring(self) -> str:
        """Return the ring of calls made of the known shapes: annotated only where every parameter is."""
        every = {self.sources[name] for name in self.shapes if name in self.sources}
        return "annotated" if every == {"annotated"} else "grown-within"

    def _try(self, frozen: bytes, ring: str) -> Iterator[Step]:
        """Run both versions and leave in `_last` what that showed; says before the new one runs that it does."""
        reached = len(self.reached)
        self._last = _Shown(news=False, differs=True)
        with contextlib.suppress(Exception):  # told when the input is tried on its own
            before = self._traced("old", frozen)
            if "limit" not in before:
                yield Trying(frozen, ring)
            after = self._traced("new", frozen)
            self._last = _Shown(len(self.reached) > reached, _seem_to_differ(before, after))
        yield from self._news()

    def _traced(self, side: str, frozen: bytes) -> dict[str, Any]:
        """Run one version, noting every step from line to line of its code, and every way taken within a line."""
        codes = set(self._subject.codes(side))
        reached, branches = self.reached, self._branches[side]

        def trace(frame: types.FrameType, _event: str, _argument: Any) -> Any:
            if frame.f_code not in codes:
                return None
            last = [frame.f_lineno]
            reached.add((side, last[0], last[0]))
            places = branches.within(frame.f_code)
            frame.f_trace_opcodes = bool(places)

            def step(frame: types.FrameType, event: str, _argument: Any) -> Any:
                if event == "line":
                    reached.add((side, last[0], frame.f_lineno))
                    last[0] = frame.f_lineno
                elif places and frame.f_lasti in places:
                    number = places.pop(frame.f_lasti)
                    reached.add((side, number, number))
                return step

            return step

        sys.settrace(trace)
        try:
            return self._observers[side].call(side, frozen)
        finally:
            sys.settrace(None)

    def beyond(self) -> Iterator[bytes]:
        """Yield frozen calls in which one argument is unlike any recorded or annotated one."""
        base = None
        for _ in range(20):
            base = base or self._next_call()
        if base is None:
            return
        for name in [name for name in self.shapes if self.sources.get(name) != "annotated"]:
            for odd in (*WIDE, whetstone_odd_list(), whetstone_odd_text(), OneByOne([3, -1, 2])):
                try:
                    call = dict(self._thaw_template(base))
                except Exception:  # then nothing can be put beside it either
                    return
                if name not in call or _allows(self.shapes[name], odd):
                    continue
                call[name] = odd
                frozen = self._frozen(call)
                if frozen:
                    yield frozen

    def scaled(self, size: int) -> tuple[bytes | None, int] | None:
        """Return a frozen call whose collections hold about `size` items, and their length; `None` if none can grow."""
        try:
            return self._longer(size) if self._templates else self._long(size)
        except Exception:  # a constructor of somebody's class did not like its arguments
            return None

    def _longer(self, size: int) -> tuple[bytes | None, int] | None:
        """Return a recorded call made longer: the one that takes the old version most time."""
        if self._longest is None:
            heaviest = max((frozen for frozen, _ in self._templates), key=self._cost)
            self._longest = whetstone_scale.Scaler(self._thaw_template(heaviest), self._random)
        length = self._longest.longest()
        if length == 0 or size < 2 * length:
            return None
        repeats = size // length
        return self._frozen(self._longest.times(repeats)), repeats * length

    def _cost(self, frozen: bytes) -> float:
        """Return the CPU seconds that the old version takes for a call."""
        function = self._subject.install("old")
        args, kwargs = self._subject.arguments(frozen)
        started = time.thread_time()
        with contextlib.suppress(Exception):
            result = function(*args, **kwargs)
            if self._subject.kind == "generator":
                collections.deque(result, maxlen=0)
        return time.thread_time() - started

    def repetitive(self, size: int) -> bytes | None:
        """Return a frozen call like that of `scaled`, but of values that occur again and again."""
        self._grower.repeating = True
        try:
            if self._longest is None:
                found = None if self._templates else self._long(size)
                return found and found[0]
            length = self._longest.longest()
            return self._frozen(self._longest.times(max(1, size // length), alike=True)) if length else None
        except Exception:  # a constructor of somebody's class did not like its arguments
            return None
        finally:
            self._grower.repeating = False

    def _long(self, size: int) -> tuple[bytes | None, int] | None:
        """Return a new call of long collections."""
        grown = [name for name in self.shapes if _can_grow(self.shapes[name])]
        if not grown:
            return None
        call = {}
        for name in self._in_order(self.shapes):
            if name in grown:
                call[name] = self._grower.value(self._sized(self.shapes[name], size), size)
            elif self._signature.parameters[name].default is inspect.Parameter.empty:
                call[name] = self._grower.value(self.shapes[name])
        return self._frozen(call), size

    def _sized(self, shape: Shape, size: int) -> Shape:
        """Return `shape` with a lone number standing for a count set to `size`."""
        if shape[0] == "any":
            return self._sized(next((part for part in shape[1] if part[0] not in ("atom", "pool")), shape[1][0]), size)
        if shape[0] == "atom" and shape[1] is int and not shape[2]:
            return ("pool", (size,))
        return shape


def whetstone_raw(function: Any) -> types.FunctionType:
    """Return the plain function beneath wrappers."""
    import whetstone_load  # it imports nothing of ours that imports this

    return whetstone_load.raw(function)


class _OddList(list):  # type: ignore[type-arg]  # 3.8 has no list[int] to inherit from
    """A list that is not quite one."""


class _OddText(str):
    """A string that is not quite one."""

    __slots__ = ()


def whetstone_odd_list() -> _OddList:
    """Return an instance of a subclass of `list`."""
    return _OddList([3, 1, 2, 3])


def whetstone_odd_text() -> _OddText:
    """Return an instance of a subclass of `str`."""
    return _OddText("odd")


def _nests_a_guess(shape: Shape) -> bool:
    """Whether a guessed shape holds lists where nothing but a guess says so: callers may never pass such."""
    return shape[0] == "list" and shape[1][0] == "list" and shape[1] in whetstone_usage.LEAVES


class _Shown(NamedTuple):
    """What an input showed."""

    news: bool
    """Whether a line, or a step from line to line, was reached for the first time."""
    differs: bool
    """Whether the versions seem to differ on it."""


def _seem_to_differ(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether two outcomes differ, as far as that can be told where calls follow each other in one process."""
    stumbled = before.get("error") in NOT_MEANT and not before.get("announced")
    if "limit" in before or stumbled or "incomparable" in before or "incomparable" in after:
        return False
    return "limit" in after or bool(same(before, after))


def _ordered(signature: inspect.Signature, call: dict[str, Any]) -> dict[str, Any]:
    return {name: call[name] for name in signature.parameters if name in call}


def _items(value: Any) -> list[Any]:
    """Return the first items of a collection, or keys of a dict."""
    if isinstance(value, (list, tuple)):
        return list(value)[:20]
    return list(value)[:20] if isinstance(value, dict) else []


def _held(value: Any) -> list[Any]:
    """Return what an object's attributes hold, and the first items of those that are collections."""
    attributes = list(getattr(value, "__dict__", {}).values())
    return [*attributes, *(item for attribute in attributes for item in _items(attribute)), *_items(value)]


def _allows(shape: Shape, value: Any) -> bool:
    """Whether a value has one of the looks that a shape allows, at its outermost level and in its items."""
    if shape[0] == "any":
        return any(_allows(part, value) for part in shape[1])
    own = shapes.of(value)
    if own[0] != shape[0]:
        return False
    if own[0] == "atom":
        return own[1] is shape[1]
    if own[0] in ("list", "set", "frozenset", "deque", "tuple*"):
        return all(_allows(shape[1], item) for item in value)
    return own[:2] == shape[:2]


def _can_grow(shape: Shape) -> bool:
    if shape[0] == "any":
        return any(_can_grow(part) for part in shape[1])
    if shape[0] == "atom":
        return shape[1] in (str, bytes, int)
    if shape[0] == "built":
        return any(_can_grow(part) for _, part in shape[2])
    return shape[0] in ("list", "set", "frozenset", "deque", "tuple*", "dict", "iterator", "generator")
