"""The job that runs tests with a new text in the place of one file, which itself stays as it is.

Arguments: `root`; `path` and `new`, the file and the text to load for it; `tests`, ids as recorded, or null for all;
`command`, or null for the one that suits the project; `seconds`.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

from whetstone_command import command_for
from whetstone_trial import Ran, Trial, ending, outcomes, running_test, summary


def run(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return `tests`, `summary`, `ended`, `tail` and `command`; `ended` is `not-loaded` when no test met the text."""
    root = os.path.realpath(arguments["root"])
    path, new = arguments["path"], arguments["new"]
    fault = _fault(path, new)
    if fault:
        return _answer("not-loaded", f"The new text does not compile: {fault}.")
    command = command_for(root, arguments.get("command"))
    if command is None:
        return _answer("no-tests", "No tests were found.")
    only = arguments.get("tests")
    with contextlib.closing(Trial(root, arguments["seconds"], targets={}, new={path: new}, only=only)) as trial:
        ran = trial.run_tests(command.restricted_to(only))
        processes = trial.told()
    tests = {test: outcome for test, outcome in outcomes(processes).items() if only is None or test in only}
    ended = ending(ran, command, processes)
    sentence = summary(ended, ran, tests, running_test(processes))
    if ended in ("passed", "failed") and not any(event[0] == "loaded" for events, _ in processes for event in events):
        ended, sentence = "not-loaded", f"The tests never loaded {os.path.relpath(path, root)}."
    return {**_answer(ended, sentence, ran), "tests": tests, "command": list(command.line)}


def _fault(path: str, new: str) -> str | None:
    try:
        compile(new.encode("utf-8", "surrogatepass"), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return str(error)
    return None


def _answer(ended: str, sentence: str, ran: Ran = Ran(0, "")) -> dict[str, Any]:  # noqa: B008  (a tuple)
    return {"tests": {}, "summary": sentence, "ended": ended, "tail": ran.tail, "command": []}
