"""Old against new over one workload: behaviour first, then the project's tests, then speed; and the verdict on it."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass, replace
from io import BytesIO
from tokenize import detect_encoding
from typing import TYPE_CHECKING, Any, Literal

from whetstone_server.sandbox.timing import judged, speedup
from whetstone_server.sandbox.verdict import Counterexample, Growth, Speedup, Verdict, Workload

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
SMALL = 16
"""A gain lost on inputs of fewer items than this does not speak against a rewrite; it is said all the same."""
MOST_TESTS = 200
GRACE_SECONDS = 20.0
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
        return replace(self._verdict(), seconds=time.monotonic() - started)

    def _verdict(self) -> Verdict:
        outcome = self.session.run(
            "whetstone_behaviour",
            {**self._subject(), "recorded": list(self._seen.inputs), "seconds": self.budget / 2, "seed": self.seed},
            timeout=self.budget + GRACE_SECONDS,
        )
        if outcome.result is None:
            return Verdict("not-tried", f"old and new could not be compared: {_why(outcome)}")
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
        if "cannot" in account:
            return Verdict("not-tried", f"the function cannot be run on its own: {account['cannot']}")
        if account["distinct"] == 0:
            return Verdict("not-exercised", self._why_no_input(account), workload=self._workload(account))
        if account["unstable"]:
            call = account["unstable"]["input"]
            return Verdict("not-tried", f"the old code differs from itself from run to run, for example on {call}")
        if account["incomparable"]:
            return Verdict(
                "not-tried", f"what the function does cannot be compared: {_subject_of(account['incomparable'])}"
            )
        if account["changed_unreached"]:
            lines = ", ".join(map(str, account["changed_unreached"]))
            return Verdict(
                "not-exercised",
                f"no input reached line {lines}, which the rewrite changes",
                workload=self._workload(account),
                unreached=tuple(account["unreached"]),
            )
        if account["returned"] == 0 and not account["differences"]:
            return Verdict(
                "not-exercised", "the old code raises on every input that was tried", workload=self._workload(account)
            )
        return None

    def _why_no_input(self, account: Mapping[str, Any]) -> str:
        if self._seen.unfreezable:
            return f"its calls could not be copied: {self._seen.unfreezable[0]}"
        if account["missing"]:
            names = " and ".join(f"“{name}”" for name in account["missing"])
            return f"no test calls it, and no value could be made for {names}: annotate it, or add a test that calls it"
        return (
            "no test calls it, and no input was found that the old code takes: annotate it, or add a test that calls it"
        )

    def _workload(self, account: Mapping[str, Any]) -> Workload:
        sources: list[Literal["recorded-calls", "tests", "generated"]] = []
        if self._seen.inputs:
            sources.append("recorded-calls")
        if account["distinct"] > len(self._seen.inputs):
            sources.append("generated")
        return Workload(tuple(sources), self._seen.calls, account["distinct"])

    # -- the project's tests -----------------------------------------------------------------------------------------

    def _tested(self, workload: Workload) -> Workload | Verdict:
        """Run the tests that reach the function with the new text; return the workload with them, or the verdict."""
        if not self.recording.passed and self.recording.ended == "passed":
            return self._ran_as_a_whole(workload)
        tests = [test for test in self._seen.tests if test in self.recording.passed][:MOST_TESTS]
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

    # -- speed -------------------------------------------------------------------------------------------------------

    def _timed(self, account: Mapping[str, Any], workload: Workload) -> Verdict:
        workloads = [
            {**each, "seconds": SECONDS_PER_PROCESS if index == 0 else SECONDS_PER_SIZE}
            for index, each in enumerate(account["workloads"])
        ]
        if not workloads:
            return Verdict("not-exercised", "no input was found on which speed could be measured", workload=workload)
        samples: list[list[list[float]]] = [[] for _ in workloads]
        waits = False
        for _ in range(PROCESSES):
            outcome = self.session.run(
                "whetstone_time",
                {**self._subject(), "workloads": workloads, "fresh": account["remembers"]},
                timeout=self.budget + GRACE_SECONDS,
            )
            if outcome.result is None or "cannot" in outcome.result:
                why = _why(outcome) if outcome.result is None else outcome.result["cannot"]
                return Verdict(
                    "not-tried", f"behaviour is equal, but speed could not be measured: {why}", workload=workload
                )
            for index, seen in enumerate(outcome.result["workloads"]):
                samples[index].append(seen["ratios"])
                waits = waits or seen["waits"]
        measured = [(each["size"], speedup(ratios)) for each, ratios in zip(workloads, samples, strict=True)]
        found = _Speeds(tuple(measured), self.threshold).verdict()
        reason = found.reason + (", by the clock on the wall since the code waits" if waits else "")
        assumptions = tuple(_counterexample(each) for each in account["assumptions"])
        if assumptions and found.answer == "faster":
            reason += f"; assumes no call like {assumptions[0].input}"
        return replace(
            found, reason=reason, workload=workload, assumptions=assumptions, unreached=tuple(account["unreached"])
        )


@dataclass(frozen=True, slots=True)
class _Speeds:
    """Speedups by size of input; the size `None` stands for the recorded calls as they occurred."""

    measured: tuple[tuple[int | None, Speedup], ...]
    threshold: float

    def verdict(self) -> Verdict:
        """Return the answer that all sizes together allow: a gain somewhere, and a loss nowhere that counts."""
        usual = next((found for size, found in self.measured if size is None), None)
        growth = tuple(Growth(size, found) for size, found in self.measured if size is not None)
        large = [step for step in growth if step.size >= SMALL] or list(growth)
        judgements = [self._judged(step.speedup) for step in large]
        if usual is None:
            return self._of_sizes(large, judgements, growth)
        answer = self._judged(usual)
        if answer == "faster" and "slower" in judgements:
            step = large[judgements.index("slower")]
            return Verdict("slower", f"{usual} on the recorded calls, but {_at(step)}", usual, growth=growth)
        if answer == "no-difference" and "faster" in judgements and "slower" not in judgements:
            step = large[judgements.index("faster")]
            reason = f"equal, and faster on longer inputs: {_at(step)}; no difference on the recorded calls ({usual})"
            return Verdict("faster", reason, step.speedup, growth=growth)
        beside = _beside([step for step in large if self._judged(step.speedup) != answer])
        return Verdict(answer, f"{_SENTENCE[answer]} on the recorded calls: {usual}{beside}", usual, growth=growth)

    def _of_sizes(self, large: Sequence[Growth], judgements: Sequence[str], growth: tuple[Growth, ...]) -> Verdict:
        if "slower" in judgements:
            step = large[judgements.index("slower")]
            beside = _beside([other for other in large if other is not step])
            return Verdict("slower", f"{_SENTENCE['slower']}: {_at(step)}{beside}", step.speedup, growth=growth)
        if "faster" in judgements:
            step = large[judgements.index("faster")]
            small = [other for other in growth if other.size < SMALL and self._judged(other.speedup) == "slower"]
            beside = _beside([*small, *([large[-1]] if large[-1] is not step else [])])
            return Verdict("faster", f"{_SENTENCE['faster']}: {_at(step)}{beside}", step.speedup, growth=growth)
        step = large[-1]
        return Verdict("no-difference", f"{_SENTENCE['no-difference']}: {_at(step)}", step.speedup, growth=growth)

    def _judged(self, found: Speedup) -> Literal["faster", "slower", "no-difference"]:
        return judged(found, self.threshold)


def _with_tests(workload: Workload) -> tuple[Literal["recorded-calls", "tests", "generated"], ...]:
    """Return the sources of a workload with the tests in their place: after the calls recorded from them."""
    before = tuple(source for source in workload.sources if source == "recorded-calls")
    return (*before, "tests", *(source for source in workload.sources if source == "generated"))


_SENTENCE = {
    "faster": "equal on every input tried, and faster",
    "slower": "equal on every input tried, but slower",
    "no-difference": "equal on every input tried, but no faster",
}


def _at(step: Growth) -> str:
    return f"{step.speedup} at {step.size:,} items"


def _beside(steps: Sequence[Growth]) -> str:
    return "".join(f", {_at(step)}" for step in steps)


def _counterexample(found: Mapping[str, Any]) -> Counterexample:
    return Counterexample(found["input"], found["before"], found["after"], found["ring"])


def _difference(found: Counterexample) -> str:
    return f"old and new differ on {found.input}: the old code {found.before}, the new code {found.after}"


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
