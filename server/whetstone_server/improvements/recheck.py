"""Whether applied improvements still hold: the tests that passed then, behaviour and speed, as everything is now.

An improvement is compared with its own absence: the file as it stands against the file without it, on the interpreter
that the project has now. So what else was changed since is on both sides, and only what fails with the improvement and
passes without it is put down to it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from whetstone_server.errors import InputError
from whetstone_server.improvements.functions import function_span
from whetstone_server.improvements.record import Actor
from whetstone_server.improvements.rollback import roll_back, without
from whetstone_server.improvements.store import ProofStore
from whetstone_server.sandbox.trial import WHOLE
from whetstone_server.scan.source import UnreadableError, in_utf_8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.sandbox.verdict import Verdict

Outcome: TypeAlias = Literal["holds", "faded", "regressed", "elsewhere", "unknown"]
ACTOR = Actor("policy", "what a recheck shows to have regressed")
"""Who rolls back what has regressed."""


class Judge(Protocol):
    """What can run code: the prover."""

    @property
    def history(self) -> History: ...  # noqa: D102

    @property
    def python_version(self) -> str: ...  # noqa: D102

    def record(self, functions: Sequence[tuple[Path, bytes, str]]) -> None: ...  # noqa: D102

    def judge(self, path: Path, old: bytes, new: bytes, function: str) -> Verdict: ...  # noqa: D102

    def tests(self, path: Path, function: str) -> Sequence[str]: ...  # noqa: D102

    def outcomes(self, path: Path, text: bytes, function: str, tests: Sequence[str]) -> Mapping[str, str]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Recheck:
    """What became of one improvement."""

    improvement: Improvement
    outcome: Outcome
    """`holds`, `faded` when it does no harm but is no faster any more, `regressed`, `elsewhere` when tests fail whether
    it is there or not, `unknown` when it could not be tried."""
    reason: str
    """One sentence."""
    python: str | None = None
    """The interpreter that it was tried on."""
    verdict: Verdict | None = None
    edited: bool = False
    """Whether the function was edited since it was applied."""
    failing: tuple[str, ...] = ()
    """Tests that now fail with it; where it regressed they pass without it."""
    tests_gone: bool = False
    """Whether none of the tests that passed then is found any more, so that only those that reach it now were run."""
    rolled_back: bool = False
    in_the_way: str | None = None
    """Why it could not be rolled back."""

    @property
    def python_then(self) -> str | None:
        """The interpreter that it was proven on."""
        version: str | None = self.improvement.evidence.get("python")
        return version

    @property
    def other_python(self) -> bool:
        """Whether it was tried on another interpreter than it was proven on."""
        return None not in {self.python, self.python_then} and self.python != self.python_then

    def as_json(self) -> dict[str, Any]:
        """Return what was seen, as JSON names its fields; also the evidence of a rollback."""
        return {
            "outcome": self.outcome,
            "reason": self.reason,
            "python": self.python,
            "python_then": self.python_then,
            "edited": self.edited,
            "failing": list(self.failing),
            "tests_gone": self.tests_gone,
            "verdict": self.verdict and self.verdict.as_json(),
        }


def recheck(judge: Judge, improvement: Improvement) -> Recheck:
    """Return whether an applied improvement still holds; nothing is written.

    Raises `SandboxError` when no sandbox can be had.
    """
    try:
        return _Subject(judge, improvement).recheck()
    except (InputError, UnreadableError) as error:
        return Recheck(improvement, "unknown", f"it cannot be compared with what was there without it: {error}")


def recheck_all(
    judge: Judge,
    improvements: Sequence[Improvement],
    *,
    take_back: bool,
    on_step: Callable[[str, int, int], None] = lambda *_: None,
) -> Iterator[Recheck]:
    """Yield what became of each improvement, the last applied first.

    With `take_back` what has regressed is rolled back. Where tests failed with and without an improvement, and another
    was rolled back then, it is looked at once more. Raises `SandboxError` when no sandbox can be had.
    """
    waiting = sorted(improvements, key=lambda each: each.records[-1].number, reverse=True)
    on_step("running the tests and recording calls", 0, len(waiting))
    _record_together(judge, waiting)
    elsewhere: list[Recheck] = []
    any_taken_back = False
    for done, improvement in enumerate(waiting):
        on_step(f"looking again at {improvement.function}", done, len(waiting))
        found = recheck(judge, improvement)
        if take_back and found.outcome == "elsewhere":
            elsewhere.append(found)
            continue
        if take_back and found.outcome == "regressed":
            found = taken_back(judge.history, found)
            any_taken_back = any_taken_back or found.rolled_back
        yield found
    for found in elsewhere:
        yield recheck(judge, found.improvement) if any_taken_back else found


def taken_back(history: History, found: Recheck) -> Recheck:
    """Roll back what has regressed, with what was seen as the evidence, and return what came of it."""
    if found.outcome != "regressed":
        raise AssertionError("only what is to blame is ever rolled back by itself")
    try:
        roll_back(history, [found.improvement], ACTOR, found.reason, found.as_json())
    except InputError as error:
        return replace(found, in_the_way=str(error))
    return replace(found, rolled_back=True)


def _record_together(judge: Judge, improvements: Sequence[Improvement]) -> None:
    """Run the tests once for all functions, where each could run them for itself."""
    places = []
    for each in improvements:
        with suppress(InputError, UnreadableError):  # which is told when its turn comes
            file = without(judge.history, each)[0]
            places.append((judge.history.file_of(file.path), in_utf_8(file.before), each.function))
    if places:
        judge.record(places)


class _Subject:
    """An applied improvement, the file as it is now, and the file without it."""

    def __init__(self, judge: Judge, improvement: Improvement) -> None:
        self._judge = judge
        self._improvement = improvement
        history = judge.history
        (file,) = without(history, improvement)  # every rewrite there is changes one file
        if file.before == file.after:
            raise InputError("the file does not have it any more")
        self._path = history.file_of(file.path)
        self._with, self._without = in_utf_8(file.before), in_utf_8(file.after)
        after = in_utf_8(history.texts.read(improvement.changes[0].after))
        self._then: tuple[str, ...] = ()
        self._tests_gone = False
        self._edited = self._function(after) != self._function(self._with)

    def _function(self, text: bytes) -> bytes:
        span = function_span(text, self._improvement.function, str(self._path))
        return text[span.start : span.end].replace(b"\r\n", b"\n").strip()

    def recheck(self) -> Recheck:
        self._judge.record([(self._path, self._with, self._improvement.function)])
        to_blame, anyway = self._tested()
        if to_blame:
            return self._found("regressed", self._told(to_blame, "with it and {passes} without it"), failing=to_blame)
        verdict = self._judge.judge(self._path, self._without, self._with, self._improvement.function)
        if anyway:
            reason = self._told(anyway, "with it and without it, so something else broke")
            return self._found("elsewhere", reason, verdict, anyway)
        return self._found(*self._judged(verdict), verdict)

    def _tested(self) -> tuple[list[str], list[str]]:
        """Return the tests that fail because of it, and those that passed then and fail anyway.

        One that is not even run counts as failing, since a file that cannot be imported takes its tests along; unless
        it is not run without it either, and so no longer there.
        """
        tests = self._tests()
        suspects = self._not_passed(self._with, tests) if tests else {}
        if not suspects:
            return [], []
        otherwise = self._outcomes(self._without, list(suspects))
        to_blame = [test for test in suspects if otherwise.get(test) == "passed"]
        if to_blame:
            to_blame = list(self._not_passed(self._with, to_blame))  # not those that fail now and then
        run = [test for test, ended in suspects.items() if {ended, otherwise.get(test)} - {None, "passed"}]
        anyway = [test for test in run if otherwise.get(test) != "passed" and test in self._then]
        self._tests_gone = bool(self._then) and {*self._then} <= {*suspects} - {*run} - {*to_blame}
        return to_blame, anyway

    def _tests(self) -> list[str]:
        """Return the tests that passed then and those that reach the function now."""
        kept = ProofStore(self._judge.history.folder.parent).read(self._improvement.id)
        self._then = tuple(kept.get("tests", ()))
        if not self._then and kept.get("workload", {}).get("tests"):
            self._then = (WHOLE,)
            return [WHOLE]
        return list(dict.fromkeys((*self._then, *self._judge.tests(self._path, self._improvement.function))))

    def _told(self, tests: Sequence[str], how: str) -> str:
        """Return what became of tests in a sentence; `{passes}` in it agrees with their number."""
        one = len(tests) == 1
        named = tests[0] if one else f"{tests[0]} and {len(tests) - 1} more"
        then = " passed when it was proven, and now" if tests[0] in self._then else ""
        return f"{named}{then} {'fails' if one else 'fail'} {how.format(passes='passes' if one else 'pass')}"

    def _not_passed(self, text: bytes, tests: Sequence[str]) -> dict[str, str | None]:
        """Return how those tests end that do not pass with a text; `None` stands for not at all."""
        ended = self._outcomes(text, tests)
        return {test: ended.get(test) for test in tests if ended.get(test) != "passed"}

    def _outcomes(self, text: bytes, tests: Sequence[str]) -> Mapping[str, str]:
        named = [] if list(tests) == [WHOLE] else tests
        return self._judge.outcomes(self._path, text, self._improvement.function, named)

    def _judged(self, verdict: Verdict) -> tuple[Outcome, str]:
        match verdict.answer:
            case "faster":
                return "holds", verdict.reason
            case "no-difference":
                return "faded", f"it does no harm, but is no faster any more: {verdict.reason}"
            case "slower":
                return "regressed", f"it is slower now than without it: {verdict.reason}"
            case "broken" if self._edited:
                return "unknown", f"its function was edited since, and would differ without it: {verdict.reason}"
            case "broken":
                return "regressed", f"it changes behaviour now: {verdict.reason}"
            case _:
                return "unknown", verdict.reason

    def _found(
        self, outcome: Outcome, reason: str, verdict: Verdict | None = None, failing: Sequence[str] = ()
    ) -> Recheck:
        python = self._judge.python_version
        return Recheck(
            self._improvement, outcome, reason, python, verdict, self._edited, tuple(failing), self._tests_gone
        )
