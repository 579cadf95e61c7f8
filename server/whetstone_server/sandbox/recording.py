"""Calls to chosen functions, recorded while the project's own tests run in the sandbox."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from whetstone_server.sandbox.engine import Outcome, Session

_ERROR = re.compile(r"Error\b|could not be started")
_LONGEST_ERROR = 200
MARGIN_SECONDS = 5.0
"""How much longer than the tests the job may take, to gather what was recorded."""


@dataclass(frozen=True, slots=True)
class RecordedFunction:
    """What the tests did with one function."""

    module: str | None = None
    """Name under which its module was imported."""
    calls: int = 0
    inputs: tuple[Mapping[str, Any], ...] = ()
    """Distinct calls: `frozen` (opaque, base64, never read outside the sandbox), `count`."""
    tests: tuple[str, ...] = ()
    """Tests that reach it."""
    unfreezable: tuple[str, ...] = ()
    """Why calls could not be copied, most frequent first."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One run of a project's tests."""

    functions: Mapping[tuple[Path, str], RecordedFunction] = field(default_factory=dict)
    passed: frozenset[str] = frozenset()
    """Tests that passed with the code as it is."""
    command: tuple[str, ...] | None = None
    ended: str = "no-tests"
    """How the command ended as a whole: `passed`, `failed`, `timed-out`, `crashed` or `no-tests`."""
    summary: str = ""
    """How the tests ended, in a sentence."""

    def of(self, path: Path, name: str) -> RecordedFunction:
        """Return what was recorded of a function; of one that no test reached, nothing."""
        return self.functions.get((path, name), RecordedFunction())

    def tests_of(self, path: Path, name: str) -> tuple[str, ...]:
        """Return the tests that reach a function and passed with the code as it is."""
        return tuple(test for test in self.of(path, name).tests if test in self.passed)


def record(
    session: Session,
    root: Path,
    targets: Mapping[Path, Collection[str]],
    *,
    command: Sequence[str] | None,
    seconds: float,
) -> Recording:
    """Run the tests once and return what they did with `targets` (functions by file).

    Never raises for what the tests do: a suite that fails, hangs or cannot start gives what was recorded until then.
    Raises `SandboxDied` when the sandbox went away.
    """
    arguments = {
        "root": str(root),
        "targets": {str(path): sorted(names) for path, names in targets.items()},
        "command": list(command) if command is not None else None,
        "seconds": seconds,
    }
    outcome = session.run("whetstone_record", arguments, timeout=seconds + MARGIN_SECONDS)
    if outcome.result is None:
        return Recording(ended="crashed", summary=f"The tests could not be recorded: {_why(outcome)}")
    return _read(outcome.result)


def _why(outcome: Outcome) -> str:
    return outcome.detail or outcome.state


def _read(result: Mapping[str, Any]) -> Recording:
    functions = {
        (Path(path), name): _function(seen)
        for path, names in result["functions"].items()
        for name, seen in names.items()
    }
    passed = frozenset(test for test, end in result["tests"].items() if end == "passed")
    command = tuple(result["command"]) if result.get("command") else None
    return Recording(functions, passed, command, result["ended"], _summary(result))


def _summary(result: Mapping[str, Any]) -> str:
    """Return how the tests ended; where none passed, with the last error they told of."""
    summary = str(result["summary"]).rstrip(".")
    errors = [line for line in str(result["tail"]).splitlines() if _ERROR.search(line)]
    if not errors or "passed" in (result["ended"], *result["tests"].values()):
        return summary
    return f"{summary}: {errors[-1].strip('E! ')[:_LONGEST_ERROR]}"


def _function(seen: Mapping[str, Any]) -> RecordedFunction:
    reasons = sorted(seen["unfreezable"].items(), key=lambda reason: -reason[1])
    inputs = tuple({"frozen": call["frozen"], "count": call["count"]} for call in seen["inputs"])
    return RecordedFunction(
        seen["module"], seen["calls"], inputs, tuple(seen["tests"]), tuple(reason for reason, _ in reasons)
    )
