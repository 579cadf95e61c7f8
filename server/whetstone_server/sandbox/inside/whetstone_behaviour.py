"""The job that compares two versions of a function: on which inputs, and whether they behaved alike on all of them.

Three processes load the module: two under one hash seed, so that a function that differs from itself is recognised, and
one under another, so that an order that hangs on the seed shows.
"""

from __future__ import annotations

import base64
import difflib
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import whetstone_fork
from whetstone_freeze import freeze
from whetstone_placeholders import SameAgain

if TYPE_CHECKING:
    from typing_extensions import Self
    from whetstone_observe import Outcome
    from whetstone_steps import Scaled

    Account = dict[str, Any]
    Row = list[tuple[bytes, str]]
    Outcomes = dict[str, list[Outcome]]

RINGS = ("recorded", "annotated", "grown-within", "grown-beyond")
SEEDS = ("0", "0", "20011")
REPEATED = 25
"""Inputs that come a second time at the end of the row, to see what a version remembers of the first."""
SAME_AGAIN = tuple(freeze((SameAgain(changed),), {}) for changed in (False, True))
MOST_TIMED = 40
MOST_ASSUMPTIONS = 3
NOT_MEANT = ("TypeError", "AttributeError")


def run(arguments: dict[str, Any]) -> Account:
    """Compare, and return a JSON-able account: differences, assumptions, workloads for timing, lines not reached.

    `arguments`: root, path, module, function, old and new (base64 of the whole texts), recorded (list of frozen calls
    in base64 with their counts), seconds, seed.
    """
    started = time.monotonic()
    job = {name: arguments[name] for name in ("root", "path", "module", "function", "seed")}
    job["old"], job["new"] = (base64.b64decode(arguments[side]) for side in ("old", "new"))
    recorded = [(base64.b64decode(call["frozen"]), call["count"]) for call in arguments["recorded"]]
    with _Runners(job) as runners:
        if runners.cannot:
            return {"cannot": runners.cannot}
        trial = _Trial(job, runners, recorded, started + arguments["seconds"])
        return trial.account()


class _Suspect(NamedTuple):
    """A call whose outcomes differ."""

    ring: str
    size: int
    place: int
    """Where it stands in the row."""
    calls: list[bytes]
    """The calls that went before it in the same process, and the call itself."""
    runner: _Runner


class _Trial:
    def __init__(self, job: dict[str, Any], runners: _Runners, recorded: list[tuple[bytes, int]], until: float) -> None:
        self._job = job
        self._runners = runners
        self._home = runners.all[0]
        self._recorded = recorded
        self._until = until
        self._facts: dict[str, Any] = runners.facts or {}

    def account(self) -> Account:
        """Return what was found."""
        if self._facts["signatures"]:
            return self._signature_changed(*self._facts["signatures"])
        found = self._home.ask(
            "explore", recorded=[frozen for frozen, _ in self._recorded], seconds=min(1.0, self._left() * 0.3)
        )
        inputs = [(frozen, "recorded") for frozen, _ in self._recorded]
        inputs += [(frozen, ring) for frozen, ring, differs in found["inputs"] if differs and ring != "grown-beyond"]
        inputs += [
            (frozen, ring) for frozen, ring, differs in found["inputs"] if not differs and ring != "grown-beyond"
        ]
        inputs += [(frozen, "grown-within") for _, frozen, _, _ in found["scaled"]]
        beyond = [(frozen, ring) for frozen, ring, _ in found["inputs"] if ring == "grown-beyond"]
        account = {
            "kind": self._facts["kind"],
            "distinct": 0,
            "differences": [],
            "assumptions": [],
            "missing": found["missing"],
        }
        if not inputs:
            return account
        row, outcomes = self._outcomes(inputs)
        account.update(self._lines(self._reached(found)))
        account["lines"] = len(self._facts["lines"])
        account["unstable"] = self._unstable(row, outcomes)
        account["incomparable"] = _incomparable(row, outcomes)
        account["distinct"] = len({frozen for frozen, _ in row}.difference(SAME_AGAIN))
        account["returned"] = sum(outcome.get("error") is None for outcome in outcomes["old"])
        if account["unstable"] or account["incomparable"] or not row:
            return account
        self._compare(row, outcomes, account)
        if not account["differences"] and beyond:
            self._look_beyond(beyond, account)
        account["workloads"] = self._workloads(found["scaled"], row, outcomes)
        account["remembers"] = self._facts["cached"] or any(
            outcome.get("remembers") for side in ("old", "new") for outcome in outcomes[side]
        )
        return account

    def _signature_changed(self, before: str, after: str) -> Account:
        """Return the account of a rewrite that callers would notice before any input was tried."""
        difference = {
            "ring": "annotated",
            "input": "its signature",
            "before": "takes " + before,
            "after": "takes " + after,
        }
        nothing: Account = {
            "assumptions": [],
            "missing": [],
            "unstable": None,
            "incomparable": None,
            "changed_unreached": [],
            "unreached": [],
        }
        return {"kind": self._facts["kind"], "distinct": 1, "returned": 1, "differences": [difference], **nothing}

    def _left(self) -> float:
        return max(0.5, self._until - time.monotonic())

    def _reached(self, found: dict[str, Any]) -> dict[str, set[int]]:
        """Return the lines that grown inputs reached together with those that recorded calls and long ones reach."""
        reached = self._also_reached(found["lines"], [frozen for frozen, _ in self._recorded])
        if any(places for name, places in self._lines(reached).items() if name != "unreached"):
            reached = self._also_reached(reached, [step.frozen for step in found["scaled"]])
        return reached

    def _also_reached(self, lines: dict[str, set[int]], inputs: list[bytes]) -> dict[str, set[int]]:
        more = self._home.ask("reached", recorded=inputs)
        return {side: lines.get(side, set()) | more.get(side, set()) for side in ("old", "new")}

    def _outcomes(self, inputs: Row) -> tuple[Row, Outcomes]:
        """Run both versions on all inputs that the old one can cope with, and on the first of them once more.

        Returns these inputs, and the outcomes everywhere; the three processes work side by side.
        """
        first, again, elsewhere = self._runners.all
        row, old = self._coped_with(inputs + _again(inputs[:REPEATED]))
        calls = [frozen for frozen, _ in row]
        for runner, side in ((first, "new"), (again, "old"), (elsewhere, "old")):
            runner.send("run", inputs=calls, side=side)
        outcomes = {"old": old, "new": first.receive(), "again": again.receive(), "old elsewhere": elsewhere.receive()}
        outcomes["new elsewhere"] = elsewhere.ask("run", inputs=calls, side="new")
        return row, outcomes

    def _coped_with(self, row: Row) -> tuple[Row, list[Outcome]]:
        """Return the inputs on which the old version meets no limit of the machine, with its outcomes on them."""
        for _ in range(4):
            inputs = [frozen for frozen, _ in row]
            outcomes = self._home.ask("run", inputs=inputs, side="old", seconds=max(3.0, self._left()))
            limits = [outcome.get("limit") for outcome in outcomes]
            run = len(limits) - limits[::-1].index(None) if None in limits else 0
            if not any(limits[:run]):
                return row[:run], outcomes[:run]
            row = [call for call, limit in zip(row, limits) if limit in (None, "not run")]
        return [], []

    def _unstable(self, row: Row, outcomes: Outcomes) -> dict[str, str] | None:
        """Return in which way the old function differs from itself, if it does."""
        for index, (before, again) in enumerate(zip(outcomes["old"], outcomes["again"])):
            if "limit" in before or "limit" in again:
                continue
            aspect = _differing(before, again)
            if aspect:
                first, then = (runner.ask("tell", inputs=[row[index][0]]) for runner in self._runners.all[:2])
                return {"aspect": aspect, "input": first["input"], "first": first["before"], "then": then["before"]}
        return None

    # -- differences -------------------------------------------------------------------------------------------------

    def _compare(self, row: Row, outcomes: Outcomes, account: Account) -> None:
        suspects: list[_Suspect] = []
        for place, runner in (("", self._runners.all[0]), (" elsewhere", self._runners.all[2])):
            for index, (frozen, ring) in enumerate(row):
                before, after = outcomes["old" + place][index], outcomes["new" + place][index]
                aspect = _difference(before, after)
                ring_here = _ring(ring, before)
                if aspect and not (ring_here == "grown-beyond" and after.get("error")):
                    calls = [call for call, _ in row[: index + 1]]
                    suspects.append(_Suspect(ring_here, len(frozen), index, calls, runner))
        suspects.sort(key=lambda suspect: (RINGS.index(suspect.ring), suspect.size, suspect.place))
        self._settle(suspects, account)

    def _settle(self, suspects: list[_Suspect], account: Account) -> None:
        """Take the surest difference, made as small as time allows; those beyond the domain become assumptions."""
        inside = [suspect for suspect in suspects if suspect.ring != "grown-beyond"]
        if inside:
            account["differences"].append(self._told(inside[0]))
        for suspect in [suspect for suspect in suspects if suspect.ring == "grown-beyond"][:20]:
            if len(account["assumptions"]) < MOST_ASSUMPTIONS:
                told = self._told(suspect)
                if all(
                    (told["before"], told["after"]) != (other["before"], other["after"])
                    for other in account["assumptions"]
                ):
                    account["assumptions"].append(told)

    def _told(self, suspect: _Suspect) -> dict[str, Any]:
        """Return a difference in words: of one call if it shows there, else of a call after others."""
        ring, _, _, row, runner = suspect
        frozen = row[-1]
        if runner.ask("differ", inputs=[frozen]):
            small = runner.ask("shrink", frozen=frozen, seconds=min(1.0, self._left() / 3))
            return {"ring": ring, **runner.ask("tell", inputs=[small])}
        if runner.ask("differ", inputs=[frozen, frozen]):
            told = runner.ask("tell", inputs=[frozen, frozen])
            return {"ring": ring, **told, "input": told["input"] + ", called again"}
        sequence = next((calls for calls in (row[-2:], row[-3:]) if runner.ask("differ", inputs=calls)), None)
        if sequence and frozen in SAME_AGAIN:
            told, first = (runner.ask("tell", inputs=calls) for calls in (sequence, sequence[:1]))
            meanwhile = "its objects changed, and called again" if frozen == SAME_AGAIN[1] else "called again"
            return {"ring": ring, **told, "input": f"{first['input']}, {meanwhile} with the very same objects"}
        told = runner.ask("tell", inputs=row)
        return {"ring": ring, **told, "input": f"{told['input']}, after {len(row) - 1} other calls"}

    def _look_beyond(self, beyond: Row, account: Account) -> None:
        inputs = [frozen for frozen, _ in beyond]
        before, after = (self._home.ask("run", inputs=inputs, side=side) for side in ("old", "new"))
        suspects: list[_Suspect] = []
        for frozen, old, new in zip(inputs, before, after):
            aspect = _difference(old, new)
            if aspect and not (old.get("error") and new.get("error")):
                suspects.append(_Suspect("grown-beyond", len(frozen), 0, [frozen], self._home))
        self._settle(suspects, account)

    # -- lines and workloads -----------------------------------------------------------------------------------------

    def _lines(self, reached: dict[str, set[int]]) -> dict[str, list[int]]:
        """Return lines of the old function that no input reached, and whether the rewritten part ran at all."""
        old, new = (self._job[side].decode("utf-8", "replace").splitlines() for side in ("old", "new"))
        lines = {"old": set(self._facts["lines"]), "new": set(self._facts["new_lines"])}
        changed: dict[str, set[int]] = {"old": set(), "new": set()}
        for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag != "equal":
                changed["old"].update(range(a + 1, b + 1))
                changed["new"].update(range(c + 1, d + 1))
        unreached = {side: lines[side] - reached.get(side, set()) for side in lines}
        untaken = {side: self._untaken(side, reached) - unreached[side] for side in lines}
        return {
            "unreached": sorted(unreached["old"]),
            "changed_unreached": sorted(unreached["old"] & changed["old"]),
            "changed_untaken": sorted(untaken["old"] & changed["old"]),
            "added_unreached": sorted(unreached["new"] & changed["new"]),
            "added_untaken": sorted(untaken["new"] & changed["new"]),
        }

    def _untaken(self, side: str, reached: dict[str, set[int]]) -> set[int]:
        """Return the lines of one version through which some way was never taken."""
        places: dict[int, int] = self._facts["branches"][side]
        return {line for number, line in places.items() if number not in reached.get(side, ())}

    def _workloads(self, scaled: list[Scaled], row: Row, outcomes: Outcomes) -> list[dict[str, Any]]:
        """Return what to time: the recorded calls as they occurred, and one call at each of a few sizes."""
        fine = {
            frozen: outcomes["old"][index]
            for index, (frozen, _) in enumerate(row)
            if "limit" not in outcomes["old"][index]
            and "limit" not in outcomes["new"][index]
            and frozen not in SAME_AGAIN
        }
        timed = [(frozen, count) for frozen, count in self._recorded if frozen in fine]
        timed = sorted(timed, key=lambda call: -len(call[0]) * call[1])[:MOST_TIMED]
        workloads: list[dict[str, Any]] = []
        if timed:
            workloads.append({"size": None, "inputs": [_input(frozen, count, fine[frozen]) for frozen, count in timed]})
        steps = [step for step in scaled if step.error is None and step.frozen in fine]
        for size, frozen, _, _ in _few(steps):
            workloads.append({"size": size, "inputs": [_input(frozen, 1, fine[frozen])]})
        if not workloads:
            usual = [(frozen, outcome) for frozen, outcome in fine.items() if outcome.get("error") is None]
            if usual:
                usual = sorted(usual, key=lambda call: -len(call[0]))[:MOST_TIMED]
                workloads.append({"size": None, "inputs": [_input(frozen, 1, outcome) for frozen, outcome in usual]})
        return workloads


def _again(inputs: Row) -> Row:
    """Return inputs to come a second time, each followed by calls with the very same objects, unchanged and changed."""
    return [
        call
        for frozen, ring in inputs
        for call in ((frozen, ring), *((same, max(ring, "annotated", key=RINGS.index)) for same in SAME_AGAIN))
    ]


def _input(frozen: bytes, count: int, outcome: Outcome) -> dict[str, Any]:
    return {
        "frozen": base64.b64encode(frozen).decode(),
        "weight": count,
        "changes": bool(outcome.get("changed")),
        "raises": outcome.get("error") is not None,
    }


def _few(steps: list[Scaled]) -> list[Scaled]:
    """Return a small, a middle and the largest of the sizes that were possible."""
    if len(steps) <= 3:
        return steps
    return [steps[min(1, len(steps) - 3)], steps[len(steps) // 2], steps[-1]]


def _differing(before: Outcome, after: Outcome) -> str | None:
    from whetstone_observe import same  # the conductor needs nothing else of it

    if "incomparable" in before or "incomparable" in after:
        return None
    return same(before, after)


def _difference(before: Outcome, after: Outcome) -> str | None:
    """Return the aspect in which the new version differs from the old one; `None` where the old one tells nothing."""
    if "limit" in before:
        return None
    return (
        "limit"
        if "limit" in after and after["limit"] != "not run"
        else None
        if "limit" in after
        else _differing(before, after)
    )


def _ring(ring: str, before: Outcome) -> str:
    """Return the ring of a difference: a type that the old code stumbles over was never meant for it."""
    if ring == "grown-within" and before.get("error") in NOT_MEANT and not before.get("announced"):
        return "grown-beyond"
    return ring


def _incomparable(row: Row, outcomes: Outcomes) -> str | None:
    """Return why behaviour cannot be compared: for a recorded call, for many others, or for one version only."""
    reasons: dict[str, list[str]] = {}
    for (_, ring), before, after in zip(row, outcomes["old"], outcomes["new"]):
        for outcome in (before, after):
            if "effects" in outcome:
                return str(outcome["effects"])
            if "incomparable" in outcome:
                reasons.setdefault(outcome["incomparable"], []).append(ring)
        if "incomparable" in after and "limit" not in before and "incomparable" not in before:
            return str(after["incomparable"])
    return next((reason for reason, rings in reasons.items() if "recorded" in rings or len(rings) * 3 > len(row)), None)


# -- the processes ---------------------------------------------------------------------------------------------------


class _Runner:
    """One runner process; `ask` is a call to a method of `whetstone_runner.Runner`."""

    _process: Any
    """Of the type that its pipes are given; `Popen` alone allows that they are missing."""

    def __init__(self, job: dict[str, Any], hash_seed: str) -> None:
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "whetstone_runner.py")
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        self._process = subprocess.Popen(
            [sys.executable, "-u", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        whetstone_fork.write(self._process.stdin.fileno(), job)

    def ask(self, command: str, **arguments: Any) -> Any:
        self.send(command, **arguments)
        return self.receive()

    def send(self, command: str, **arguments: Any) -> None:
        whetstone_fork.write(self._process.stdin.fileno(), (command, arguments))

    def receive(self) -> Any:
        return whetstone_fork.read(self._process.stdout.fileno())

    def end(self) -> None:
        self._process.stdin.close()
        self._process.kill()
        self._process.stdout.close()
        self._process.wait()


class _Runners:
    """The three processes of a trial, ended together."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._job = job
        self.all: list[_Runner] = []
        self.cannot: str | None = None
        self.facts: dict[str, Any] | None = None

    def __enter__(self) -> Self:
        self.all = [_Runner(self._job, seed) for seed in SEEDS]
        for runner in self.all:
            try:
                hello = runner.receive()
            except EOFError:
                hello = {"cannot": "the process ends while the module is imported"}
            self.cannot = self.cannot or hello.get("cannot")
            self.facts = self.facts or hello.get("ready")
        return self

    def __exit__(self, *_: object) -> None:
        for runner in self.all:
            runner.end()
