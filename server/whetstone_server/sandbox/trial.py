"""Old against new over one workload: behaviour first, then the project's tests, then speed; and the verdict on it."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass, replace
from io import BytesIO
from statistics import median
from tokenize import detect_encoding
from typing import TYPE_CHECKING, Any, Literal

from whetstone_server.sandbox.speeds import Speeds
from whetstone_server.sandbox.timing import speedup
from whetstone_server.sandbox.verdict import Counterexample, Growth, Verdict, Workload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from whetstone_server.sandbox.engine import Outcome, Session
    from whetstone_server.sandbox.recording import RecordedFunction, Recording

PROCESSES = 5
SECONDS_PER_PROCESS = 0.4
"""Five fresh processes of 0.4 s each: 48 A/A runs of it were off by at most 0.5 %, and a true 3 % was always found."""
SECONDS_PER_SIZE = 0.12
"""For the sizes that only show how the gain grows."""
SHORT_CALL_NS = 300
SHORT_CALL_THRESHOLD = 1.15
"""What a call as short as that must gain: how it is made, and where its code lies, moves it by up to a tenth."""
LONGEST_QUOTE = 100
"""Characters of an input or an outcome that a reason quotes; the counterexample has them in full."""
MOST_TESTS = 200
WHOLE = "the test command"
"""What stands for the tests of a command that does not say which it runs."""
GRACE_SECONDS = 40.0
"""Starting interpreters and importing the project takes time that no budget can know."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One function in two versions, and the means to try them."""

    session: Session
    root: Path
    path: Path
    function: str
    old: bytes
    """The whole old text of the file, in the file's own encoding."""
    new: bytes
    recording: Recording
    budget: float = 10.0
    """Seconds to spend on comparing and timing."""
    threshold: float = 1.05
    seed: int = 1

    def verdict(self) -> Verdict:
        """Return what the trial showed; raises `SandboxDied` when the sandbox goes away meanwhile."""
        started = time.monotonic()
        found = self._verdict()
        return replace(found, reason=found.reason + self._unfinished(found), seconds=time.monotonic() - started)

    def _unfinished(self, found: Verdict) -> str:
        """Return what is to be said of tests that did not come to their end, unless the verdict says it already."""
        if self.recording.ended not in {"timed-out", "crashed"} or self.recording.summary in found.reason:
            return ""
        return f". {self.recording.summary}"

    def _verdict(self) -> Verdict:
        outcome = self.session.run(
            "whetstone_behaviour",
            {**self._subject(), "recorded": list(self._seen.inputs), "seconds": self.budget / 2, "seed": self.seed},
            timeout=self.budget + GRACE_SECONDS,
        )
        if outcome.result is None:
            reason = f"old and new could not be compared: {_why(outcome)}"
            return Verdict("not-tried", reason, workload=self._workload({"distinct": 0}))
        account = outcome.result
        refusal = self._refusal(account)
        if refusal is not None:
            return refusal
        workload = self._workload(account)
        if account["differences"]:
            found = _counterexample(account["differences"][0])
            return Verdict("broken", _difference(found), workload=workload, counterexample=found)
        tested = self._tested(workload)
        if isinstance(tested, Verdict):
            return tested
        return self._timed(account, tested)

    def _subject(self) -> dict[str, Any]:
        return {
            "root": str(self.root),
            "path": str(self.path),
            "module": self._seen.module or _module_name(self.root, self.path),
            "function": self.function,
            "old": base64.b64encode(self.old).decode(),
            "new": base64.b64encode(self.new).decode(),
        }

    @property
    def _seen(self) -> RecordedFunction:
        return self.recording.of(self.path, self.function)

    # -- behaviour ---------------------------------------------------------------------------------------------------

    def _refusal(self, account: Mapping[str, Any]) -> Verdict | None:
        """Return the verdict when nothing can be said of behaviour, and `None` when something can."""
        workload = self._workload(account)
        if "cannot" in account:
            reason = f"the function cannot be run on its own: {account['cannot']}"
            return Verdict("not-tried", reason, workload=workload)
        if account["distinct"] == 0:
            return Verdict("not-exercised", self._why_no_input(account), workload=workload)
        if account["unstable"]:
            return Verdict("not-tried", _unstable(account["unstable"]), workload=workload)
        if account["incomparable"]:
            reason = f"what the function does cannot be compared: {_subject_of(account['incomparable'])}"
            return Verdict("not-tried", reason, workload=workload)
        if account["differences"]:
            return None
        unreached = tuple(account["unreached"])
        missed = _missed(account)
        if missed:
            return Verdict("not-exercised", missed, workload=workload, unreached=unreached)
        if account["returned"] == 0:
            reason = "the old code raises on every input that was tried"
            return Verdict("not-exercised", reason, workload=workload, unreached=unreached)
        return None

    def _why_no_input(self, account: Mapping[str, Any]) -> str:
        if self._seen.unfreezable:
            return f"its calls could not be copied: {self._seen.unfreezable[0]}"
        tests = self._no_test()
        if account["missing"]:
            names = " and ".join(f"“{name}”" for name in account["missing"])
            return f"{tests}, and no value could be made for {names}: annotate it, or add a test that calls it"
        return f"{tests}, and no input was found that the old code takes: annotate it, or add a test that calls it"

    def _no_test(self) -> str:
        """Return why nothing was recorded: only of tests that ran can it be said that none calls the function."""
        if self.recording.ended == "no-tests":
            return "the project has no tests that were found"
        if self._seen.calls == 0 and not self.recording.passed and self.recording.ended != "passed":
            return f"the tests could not be run as they are ({self.recording.summary}; see --workload)"
        return "no test calls it"

    def _workload(self, account: Mapping[str, Any]) -> Workload:
        sources: list[Literal["recorded-calls", "tests", "generated"]] = []
        if self._seen.inputs:
            sources.append("recorded-calls")
        if account.get("distinct", 0) > len(self._seen.inputs):
            sources.append("generated")
        return Workload(tuple(sources), self._seen.calls, account.get("distinct", 0))

    # -- the project's tests -----------------------------------------------------------------------------------------

    def _tested(self, workload: Workload) -> Workload | Verdict:
        """Run the tests that reach the function with the new text; return the workload with them, or the verdict."""
        if not self.recording.passed and self.recording.ended == "passed":
            return self._ran_as_a_whole(workload)
        tests = self.recording.tests_of(self.path, self.function)[:MOST_TESTS]
        if not tests:
            return workload
        after = self._run_tests(tests, self.new)
        if after.result is None or after.result["ended"] == "not-loaded":
            return self._untested(after, workload)
        failed = [test for test in tests if after.result["tests"].get(test) != "passed"]
        if failed:
            return self._failed(failed, workload)
        return replace(workload, tests=len(tests), sources=_with_tests(workload))

    def _ran_as_a_whole(self, workload: Workload) -> Workload | Verdict:
        """Run a command that does not say which tests it runs; it counts as one test."""
        if self._seen.calls == 0:
            return workload
        after = self._run_tests(None, self.new)
        if after.result is None or after.result["ended"] == "not-loaded":
            return self._untested(after, workload)
        if after.result["ended"] != "passed":
            reason = f"the workload fails with the rewrite in place: {after.result['summary']}"
            return Verdict("broken", reason, workload=workload)
        return replace(workload, tests=1, sources=_with_tests(workload))

    @staticmethod
    def _untested(after: Outcome, workload: Workload) -> Verdict:
        why = _why(after) if after.result is None else "they did not load the rewritten file"
        reason = f"the project's tests could not be run with the rewrite: {why}"
        return Verdict("not-tried", reason, workload=workload)

    def _failed(self, failed: Sequence[str], workload: Workload) -> Workload | Verdict:
        """Run the tests that failed once more with the old text: one that fails there too says nothing."""
        before = self._run_tests(failed, self.old)
        outcomes = before.result["tests"] if before.result is not None else {}
        broken = [test for test in failed if outcomes.get(test) == "passed"]
        if not broken:
            return Verdict(
                "not-tried", f"{failed[0]} fails with the old code too when it is run again", workload=workload
            )
        return Verdict("broken", f"the project's test {broken[0]} fails with the rewrite in place", workload=workload)

    def _run_tests(self, tests: Sequence[str] | None, text: bytes) -> Outcome:
        seconds = max(30.0, self.budget * 3)
        arguments = {
            "root": str(self.root),
            "path": str(self.path),
            "new": text.decode(encoding_of(text)),
            "names": [self.function],
            "tests": None if tests is None else list(tests),
            "command": list(self.recording.command) if self.recording.command else None,
            "seconds": seconds,
        }
        return self.session.run("whetstone_test", arguments, timeout=seconds + GRACE_SECONDS)

    def outcomes(self, tests: Sequence[str], text: bytes) -> Mapping[str, str]:
        """Return how tests end with `text` in the place of the file; without any, how the test command ends."""
        ran = self._run_tests(tests or None, text)
        if ran.result is None:
            return {}
        found: Mapping[str, str] = ran.result["tests"] if tests else {WHOLE: ran.result["ended"]}
        return found

    # -- speed -------------------------------------------------------------------------------------------------------

    def _timed(self, account: Mapping[str, Any], workload: Workload) -> Verdict:
        workloads = [
            {**each, "seconds": SECONDS_PER_PROCESS if index == 0 else SECONDS_PER_SIZE}
            for index, each in enumerate(account["workloads"])
        ]
        if not workloads:
            return Verdict("not-exercised", "no input was found on which speed could be measured", workload=workload)
        seen = self._samples(workloads, fresh=account["remembers"])
        if isinstance(seen, str):
            return Verdict(
                "not-tried", f"behaviour is equal, but speed could not be measured: {seen}", workload=workload
            )
        measured = [
            (each["size"], speedup([process[index]["ratios"] for process in seen]))
            for index, each in enumerate(workloads)
        ]
        threshold = max(self.threshold, SHORT_CALL_THRESHOLD) if _is_short(seen) else self.threshold
        found = Speeds(
            next((found for size, found in measured if size is None), None),
            tuple(Growth(size, found) for size, found in measured if size is not None),
            threshold,
            bool(self._seen.inputs),
        ).verdict()
        waits = any(each["waits"] for process in seen for each in process)
        assumptions = tuple(_counterexample(each) for each in account["assumptions"])
        unreached = tuple(account["unreached"])
        reason = found.reason + _reservations(found.answer, assumptions, unreached, waits=waits)
        if found.answer == "no-difference" and found.speedup and self.threshold < found.speedup.low <= threshold:
            reason += f"; a call as short as this must gain {threshold - 1:.0%}"
        return replace(
            found,
            reason=reason,
            workload=workload,
            assumptions=assumptions,
            unreached=unreached,
            lines=account["lines"],
        )

    def _samples(self, workloads: Sequence[Mapping[str, Any]], *, fresh: bool) -> list[Any] | str:
        """Return what each of several fresh processes measured on each workload, or why one could not."""
        seen = []
        for turn in range(PROCESSES):
            outcome = self.session.run(
                "whetstone_time",
                {**self._subject(), "workloads": workloads, "fresh": fresh, "turn": turn},
                timeout=self.budget + GRACE_SECONDS,
            )
            if outcome.result is None:
                return _why(outcome)
            if "cannot" in outcome.result:
                return str(outcome.result["cannot"])
            seen.append(outcome.result["workloads"])
        return seen


def _missed(account: Mapping[str, Any]) -> str | None:
    """Return what of the rewritten part no input tried, of the old code or of the new."""
    for key, reached, which in (
        ("changed_unreached", "reached", ", which the rewrite changes"),
        ("changed_untaken", "took every way through", ", which the rewrite changes"),
        ("added_unreached", "reached", " of the rewrite"),
        ("added_untaken", "took every way through", " of the rewrite"),
    ):
        if account[key]:
            return f"no input {reached} {_spoken(account[key])}{which}"
    return None


def _is_short(seen: Sequence[Sequence[Mapping[str, Any]]]) -> bool:
    """Whether a call of the first workload takes so little time that making the call is a good part of it."""
    return bool(median(process[0]["old_ns"] for process in seen) < SHORT_CALL_NS)


def _reservations(answer: str, assumptions: Sequence[Counterexample], unreached: Sequence[int], *, waits: bool) -> str:
    """Return what must be said beside the answer."""
    said = ", by the clock on the wall since the code waits" if waits else ""
    if assumptions and answer == "faster":
        said += f"; assumes no call like {_cut(assumptions[0].input)}"
    if unreached and answer == "faster":
        said += f"; no input reached {_spoken(unreached)}"
    return said


def _spoken(lines: Sequence[int]) -> str:
    """Return line numbers as people write them: lines 3, 5–7."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    spoken = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
    return f"line {spoken}" if len(lines) == 1 else f"lines {spoken}"


def _with_tests(workload: Workload) -> tuple[Literal["recorded-calls", "tests", "generated"], ...]:
    """Return the sources of a workload with the tests in their place: after the calls recorded from them."""
    before = tuple(source for source in workload.sources if source == "recorded-calls")
    return (*before, "tests", *(source for source in workload.sources if source == "generated"))


def _counterexample(found: Mapping[str, Any]) -> Counterexample:
    return Counterexample(found["input"], found["before"], found["after"], found["ring"])


def _difference(found: Counterexample) -> str:
    call, before, after = map(_cut, (found.input, found.before, found.after))
    return f"old and new differ on {call}: the old code {before}, the new code {after}"


def _unstable(seen: Mapping[str, str]) -> str:
    """Return how the old code differs from itself, on one input, in a sentence of bearable length."""
    call, first, then = (_cut(seen[part]) for part in ("input", "first", "then"))
    return f"the old code differs from itself from run to run, for example on {call}: it {first}, then {then}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def _subject_of(reason: str) -> str:
    """Return an account of what stands in the way as a clause: what it does, or what it gives back."""
    return f"it gives back {reason}" if reason.startswith("a ") else f"it {reason}"


def _why(outcome: Outcome) -> str:
    return outcome.detail or {"timed-out": "it took too long", "killed": "it was killed"}.get(
        outcome.state, outcome.state
    )


def encoding_of(text: bytes) -> str:
    """Return the encoding that a Python source declares, UTF-8 unless it says otherwise."""
    return detect_encoding(BytesIO(text).readline)[0]


def _module_name(root: Path, path: Path) -> str | None:
    """Return the dotted name under which a file is imported: from the outermost package around it."""
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while folder != root and (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts) or None
