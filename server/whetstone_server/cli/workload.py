"""What a person says about how the project's code is run: the test command and the interpreter."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from whetstone_server.errors import InputError


def test_command(text: str) -> tuple[str, ...]:
    """Return the words of a test command; raises `InputError` when a quote is left open or nothing is there."""
    try:
        command = tuple(shlex.split(text))
    except ValueError as error:
        raise InputError(f"the workload {text!r} cannot be read: {error}") from error
    if not command:
        raise InputError("the workload is empty; give a command that runs tests, such as 'pytest -q'")
    return command


def executable(text: str, root: Path) -> Path:
    """Return the interpreter at a path, which may be relative to the project, or of a name on the search path.

    It is not started here. Raises `InputError` when there is none.
    """
    for path in (Path(text).expanduser(), root / text):
        if path.is_file():
            if not os.access(path, os.X_OK):
                raise InputError(f"the interpreter {path} cannot be executed; name another with --python")
            return path.absolute()
    if os.sep not in text and (found := shutil.which(text)):
        return Path(found).absolute()
    raise InputError(f"there is no interpreter {text}; name one with --python")
