"""The job that runs a project's tests and returns the calls that its functions received.

Arguments: `root`; `targets`, the dotted names of functions by path; `command`, or null for the one that suits the
project; `per_function`, how many distinct inputs are kept; `bytes_per_call`; `seconds`.
"""

from __future__ import annotations

import base64
import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

from whetstone_command import command_for
from whetstone_trial import HERE, Ran, Trial, ending, outcomes, running_test, summary
from whetstone_witness import Kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Processes = Sequence[tuple[list[tuple[Any, ...]], Any]]

DOCTEST_SECONDS = 20.0
EXAMPLES = """
import sys
sys.path.insert(0, sys.argv[1])
import whetstone_doctest
del sys.path[0], sys.argv[1]
whetstone_doctest.main()
"""


def run(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return `functions`, `tests`, `summary`, `ended`, `tail` and `command`; see `_function` for the first."""
    root = os.path.realpath(arguments["root"])
    targets: dict[str, list[str]] = arguments["targets"]
    room = arguments.get("per_function", 40)
    limit = arguments.get("bytes_per_call", 1 << 18)
    command = command_for(root, arguments.get("command"))
    with contextlib.closing(
        Trial(root, arguments["seconds"], targets=targets, per_function=room, bytes_per_call=limit)
    ) as trial:
        ran = Ran(0, "") if command is None else trial.run_tests(command)
        of_tests = trial.told()
        examples = [path for path in targets if _has_examples(path)]
        if examples and trial.seconds_left:
            trial.run((sys.executable, "-c", EXAMPLES, HERE, *examples), "doctest", DOCTEST_SECONDS)
        functions = _functions(targets, trial.told(), room)
    ended = "no-tests" if command is None else ending(ran, command, of_tests)
    tests = outcomes(of_tests)
    return {
        "functions": functions,
        "tests": tests,
        "summary": summary(ended, ran, tests, running_test(of_tests)),
        "ended": ended,
        "tail": ran.tail,
        "command": list(command.line) if command else [],
    }


def _has_examples(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return b">>>" in file.read()
    except OSError:
        return False


def _functions(targets: Mapping[str, Sequence[str]], processes: Processes, room: int) -> dict[str, Any]:
    """Return what is known of each target, by path and name, as the caller spelled them."""
    return {
        path: {name: _function(os.path.realpath(path), name, processes, room) for name in names}
        for path, names in targets.items()
    }


def _function(path: str, name: str, processes: Processes, room: int) -> dict[str, Any]:
    """Return the calls of one function.

    `calls` counts all, `inputs` are distinct, each with how often it was seen (an estimate where not every call was
    looked at); `unfreezable` counts calls by the reason they could not be copied; `tests` reached the function.
    Where a name is defined twice, the definition further down counts.
    """
    states = _states(path, name, processes)
    line = max((state["line"] for state in states), default=0)
    states = [state for state in states if state["line"] == line]
    inputs = [each for state in states for each in state["inputs"]]
    unfreezable: dict[str, int] = {}
    for state in states:
        for sentence, count in state["unfreezable"].items():
            unfreezable[sentence] = unfreezable.get(sentence, 0) + count
    return {
        "module": states[0]["module"] if states else None,
        "kind": states[0]["kind"] if states else None,
        "calls": sum(max(state["calls"], len(state["inputs"])) for state in states),
        "inputs": _spread(inputs, room),
        "unfreezable": unfreezable,
        "tests": list(dict.fromkeys(test for state in states for test in state["tests"])),
    }


def _states(path: str, name: str, processes: Processes) -> list[dict[str, Any]]:
    """Return what each process saw of one function, with its inputs as `(frozen, count, test)`.

    A process that was ended may have told of inputs and of nothing else; a call that was not counted is one call.
    """
    found = []
    for events, told_states in processes:
        of_function = [event[3:] for event in events if event[0] == "input" and event[1:3] == (path, name)]
        by_line = {
            state["line"]: state for state in told_states or () if (state["path"], state["name"]) == (path, name)
        }
        for facts, *_ in of_function:
            by_line.setdefault(facts["line"], {**facts, "calls": 0, "counts": {}, "unfreezable": {}, "tests": []})
        for line, state in by_line.items():
            counts = state["counts"]
            inputs = [
                (frozen, counts.get(number, 1), test)
                for facts, number, test, frozen in of_function
                if facts["line"] == line
            ]
            tests = dict.fromkeys([*state["tests"], *(test for _, _, test in inputs)])
            found.append({**state, "inputs": inputs, "tests": list(tests)})
    return found


def _spread(inputs: Sequence[tuple[bytes, int, str]], room: int) -> list[dict[str, Any]]:
    """Return one entry for each distinct input; of too many, the first, the largest and a fair draw of the others."""
    kept = Kept(room)
    first_tests: dict[bytes, str] = {}
    for frozen, count, test in inputs:
        first_tests.setdefault(frozen, test)
        kept.offer(frozen, count)
    return [
        {"frozen": base64.b64encode(frozen).decode(), "count": entry.count, "test": first_tests[frozen]}
        for frozen, entry in kept.by_bytes().items()
    ]
