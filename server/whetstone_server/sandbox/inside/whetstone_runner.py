"""A process that has loaded one subject under one hash seed, and runs calls in forked children when it is asked to.

Started by `whetstone_behaviour`; commands come in on one pipe and answers go out on another.
"""

from __future__ import annotations

import dis
import functools
import os
import time
from typing import TYPE_CHECKING, Any

import whetstone_fork
from whetstone_explore import Explorer
from whetstone_load import CannotLoad, Subject
from whetstone_observe import Observer, same
from whetstone_shrink import smaller
from whetstone_steps import Kept, Missing, Reached, Scaled, Tick, Trying
from whetstone_wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from whetstone_observe import Outcome

PATIENCE = 0.8
"""Seconds of CPU that one call may take before its process is killed."""
EXPLORING_PATIENCE = 0.6
LARGEST = (None, 40, 16, 8)
"""Whole numbers tried stay below these, attempt by attempt: some functions take a number for an amount of work."""
MOST_RESTARTS = 4
SECONDS_OF_RETRACING = 4.0
OUT_OF_TIME = "out of time"
LONGEST_TIMED_CALL = 0.02
"""Seconds of CPU that a scaled call may take: timing needs many of them."""
SIZE_OF_REPEATS = 32
LADDER = (4, 8, 16, 24, 32, 64, 128, 256, 512, 1024, 2048, 4096)


class Runner:
    """Answers the commands of one trial."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.subject = Subject(job["root"], job["path"], job["module"], job["function"], old=job["old"], new=job["new"])
        self.seed = job["seed"]

    def facts(self) -> dict[str, Any]:
        """Return what the old function is, and where its lines are."""
        branches = {side: self.subject.branches(side).lines for side in ("old", "new")}
        return {
            "kind": self.subject.kind,
            "lines": self._lines("old", self.subject.old_tree),
            "new_lines": self._lines("new", self.subject.new_tree),
            "branches": branches,
            "cached": self.subject.keeps_cache(),
            "signatures": self.subject.signature_change(),
        }

    def _lines(self, side: str, tree: Any) -> list[int]:
        """Return the lines of one version's body that hold code."""
        lines = {line for code in self.subject.codes(side) for _, line in dis.findlinestarts(code) if line}
        first = tree.body[0].lineno
        return sorted(line for line in lines if line >= first)

    def explore(self, recorded: list[bytes], seconds: float) -> dict[str, Any]:
        """Return the inputs worth trying, with their rings, and the lines that they reach in each version."""
        found: dict[str, Any] = {"inputs": [], "scaled": [], "lines": {}, "missing": [], "trying": None}
        attempt, ended = 0, "timed out"
        until = time.monotonic() + seconds
        while ended != "done" and attempt < MOST_RESTARTS:
            left = max(0.7, until - time.monotonic())
            work = functools.partial(self._exploring, recorded, left, attempt)
            steps = whetstone_fork.streamed(work, EXPLORING_PATIENCE)
            ended = _drive(steps, lambda step: _note(found, step))
            trying = found["trying"]
            if ended != "done" and trying is not None:  # the new version did not come back from it
                found["inputs"].append(Kept(trying.frozen, trying.ring, differs=True))
            attempt += 1
        return found

    def reached(self, recorded: list[bytes]) -> dict[str, set[int]]:
        """Return the lines that recorded calls reach in each version; these calls may take their time."""
        found: dict[str, Any] = {"lines": {}}
        rest, until = recorded, time.monotonic() + SECONDS_OF_RETRACING
        while rest and time.monotonic() < until:
            done = 0

            def note(step: Any) -> None:
                nonlocal done
                done += isinstance(step, Reached) and step.side == "new"
                _note(found, step)

            ended = _drive(whetstone_fork.streamed(functools.partial(self._reaching, rest), PATIENCE), note, until)
            rest = [] if ended == "done" else rest[done + 1 :]
        lines: dict[str, set[int]] = found["lines"]
        return lines

    def _reaching(self, recorded: list[bytes]) -> Iterator[Any]:
        explorer = Explorer(self.subject, [], self.seed)
        for frozen in recorded:
            explorer.retrace(frozen)
            yield from (Reached(side, explorer.lines(side)) for side in ("old", "new"))

    def _exploring(self, recorded: list[bytes], seconds: float, attempt: int) -> Iterator[Any]:
        largest = LARGEST[min(attempt, len(LARGEST) - 1)]
        explorer = Explorer(self.subject, recorded, self.seed + 1000 * attempt, largest)
        yield from explorer.explore(seconds)
        yield Missing(explorer.missing())
        if explorer.missing():
            return
        for frozen in explorer.beyond():
            yield Kept(frozen, "grown-beyond", differs=False)
        yield from self._scaling(explorer)

    def _scaling(self, explorer: Explorer) -> Iterator[Any]:
        """Yield calls of growing size for as long as the old code takes little enough time."""
        observer = Observer(self.subject)
        for size in LADDER:
            frozen, length = explorer.scaled(size) or (None, 0)
            yield Tick()
            if frozen is None:
                continue
            function = self.subject.install("old")
            args, kwargs = self.subject.arguments(frozen)
            started = time.thread_time()
            try:
                result = function(*args, **kwargs)
                if self.subject.kind == "generator":
                    for _ in result:
                        pass
            except Exception:
                continue
            taken = time.thread_time() - started
            if taken > LONGEST_TIMED_CALL:
                return
            outcome = observer.call("old", frozen)
            yield Scaled(length, frozen, taken, outcome.get("error"))
            repetitive = explorer.repetitive(size) if size >= SIZE_OF_REPEATS else None
            if repetitive is not None:
                yield Kept(repetitive, "grown-within", differs=False)
            if taken > LONGEST_TIMED_CALL / 5:
                return

    def run(self, inputs: list[bytes], side: str, show: bool = False, seconds: float = 60.0) -> list[Outcome]:
        """Return an outcome per input, one after the other in one process for as long as that lasts.

        What there was no time for is `not run`, and so is what came after a call from which the new version did not
        come back: that call says enough.
        """
        outcomes: list[Outcome] = []
        restarts, until = 0, time.monotonic() + seconds
        while len(outcomes) < len(inputs):
            rest = inputs[len(outcomes) :]
            steps = whetstone_fork.streamed(functools.partial(self._calls, rest, side, show), PATIENCE)
            ended = _drive(steps, outcomes.append, until)
            if ended not in ("done", OUT_OF_TIME):
                outcomes.append({"limit": ended})
                restarts += 1
            if ended == OUT_OF_TIME or restarts > MOST_RESTARTS or (restarts and side == "new"):
                outcomes.extend({"limit": "not run"} for _ in inputs[len(outcomes) :])
        return outcomes

    def _calls(self, inputs: list[bytes], side: str, show: bool) -> Iterator[Outcome]:
        observer = Observer(self.subject)
        for frozen in inputs:
            yield observer.call(side, frozen, show)

    def differ(self, inputs: list[bytes]) -> str | None:
        """Return the aspect in which the last of a few calls in a row differs, each version in a fresh process."""
        before, after = (self.run(inputs, side)[-1] for side in ("old", "new"))
        return _aspect(before, after)

    def shrink(self, frozen: bytes, seconds: float) -> bytes:
        """Return the smallest input found, starting from one that differs, on which the versions differ likewise."""
        until = time.monotonic() + seconds
        return smaller(self.subject, frozen, lambda candidate: bool(self.differ([candidate])), until)

    def tell(self, inputs: list[bytes]) -> dict[str, Any]:
        """Return the last of a few calls in a row, and both outcomes, as a person would write them."""
        before, after = (self.run(inputs, side, show=True)[-1] for side in ("old", "new"))
        aspect = _aspect(before, after) or "returns"
        said = [_said(outcome, aspect) for outcome in (before, after)]
        if said[0] == said[1] and aspect == "returns":
            said = [_said(outcome, "sharing") for outcome in (before, after)]
        return {"input": self._written(inputs[-1]), "aspect": aspect, "before": said[0], "after": said[1]}

    def _written(self, frozen: bytes) -> str:
        args, kwargs = self.subject.thaw(frozen)
        parts = [shown(value) for value in args] + [f"{name}={shown(value)}" for name, value in kwargs.items()]
        return f"{self.subject.name}({', '.join(parts)})"


def _note(found: dict[str, Any], step: Any) -> None:
    if isinstance(step, Kept):
        found["inputs"].append(step)
    elif isinstance(step, Scaled):
        found["scaled"].append(step)
    elif isinstance(step, Reached):
        found["lines"].setdefault(step.side, set()).update(step.lines)
    elif isinstance(step, Missing):
        found["missing"] = step.names
    found["trying"] = step if isinstance(step, Trying) else None


def _aspect(before: Outcome, after: Outcome) -> str | None:
    """Return the aspect in which two outcomes differ; where the old one hit a limit, none does."""
    if "limit" in before:
        return None
    if "limit" in after:
        return "limit"
    if "incomparable" in before or "incomparable" in after:
        return None
    return same(before, after)


def _said(outcome: Outcome, aspect: str) -> str:
    """Return one outcome in words, the aspect that differs first."""
    if "limit" in outcome:
        limit: str = outcome["limit"]
        return {"timed out": "does not come to an end", "crashed": "ends the process"}.get(limit, "hits " + limit)
    texts: dict[str, str] = outcome["text"]
    if aspect in ("raises", "returns"):
        return texts["raises"] if outcome["error"] else texts["returns"]
    return texts.get(aspect) or (texts["raises"] if outcome["error"] else texts["returns"])


def _drive(steps: Generator[Any, None, str], take: Callable[[Any], object], until: float = float("inf")) -> str:
    """Pass every item on, and return what the generator returned, or that time `until` came first."""
    while True:
        try:
            take(next(steps))
        except StopIteration as end:
            return str(end.value)
        if time.monotonic() > until:
            steps.close()
            return OUT_OF_TIME


def main() -> None:
    """Serve until the pipe closes."""
    commands, answers = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    job = whetstone_fork.read(commands)
    try:
        runner = Runner(job)
        facts = runner.facts()
    except CannotLoad as reason:
        whetstone_fork.write(answers, {"cannot": str(reason)})
        return
    except Exception as error:  # a fault of ours must not read as one of the module under trial
        whetstone_fork.write(answers, {"cannot": f"Whetstone itself fails on it: {type(error).__name__}: {error}"})
        raise
    whetstone_fork.write(answers, {"ready": facts})
    while True:
        try:
            name, arguments = whetstone_fork.read(commands)
        except EOFError:
            os._exit(0)
        whetstone_fork.write(answers, getattr(runner, name)(**arguments))


if __name__ == "__main__":
    main()
